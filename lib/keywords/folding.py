"""Text without the difference between capitals and small letters, and the way back to where it stood."""

from __future__ import annotations

import unicodedata

import regex as patterns

_LETTER = patterns.compile(r"\X")


def fold(text: str) -> str:
    """NFC and casefolded, so that "STRASSE" is "straße" and an accent is the same however it was typed."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


class Folded:
    """A folded text whose places lead back to the text that was written.

    Folding changes lengths ("ß" becomes "ss", two code points become one), so a hit is widened to whole letters.
    """

    def __init__(self, text: str) -> None:
        self.text = fold(text)
        self._starts: list[int] | None = None
        if not text.isascii():
            self._starts, self._ends = [], []
            for letter in _LETTER.finditer(text):
                start, end = letter.span()
                size = len(fold(letter[0]))
                self._starts += [start] * size
                self._ends += [end] * size

    def written(self, start: int, end: int) -> tuple[int, int]:
        """Where a hit stands in the text as it was written. The hit is not empty."""
        return (start, end) if self._starts is None else (self._starts[start], self._ends[end - 1])
