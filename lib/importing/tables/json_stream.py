"""JSON of any length, an entry at a time: no entry larger than a bound is ever held, nor parsed.

The standard module's decoder reads each entry, so that NaN, any encoding, and any depth that is not absurd come in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

MAX_ENTRY = 4_000_000
"""Characters of one entry, and of a sample. Nothing but brackets take some twenty times as much, once parsed."""

_BLANKS = re.compile(r"[ \t\r\n]*")
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
_decode = json.JSONDecoder().raw_decode


class JsonText:
    """JSON that comes in pieces. Reading it raises ValueError where it is broken, RecursionError where too deep."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._text = ""
        self._at = 0
        self._passed = 0

    @property
    def read(self) -> int:
        """Characters read so far."""
        return self._passed + self._at

    def sign(self) -> str:
        """The next sign that is no blank, "" at the end."""
        while True:
            self._at = _BLANKS.match(self._text, self._at).end()  # type: ignore[union-attr] # It matches nothing, too.
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def value(self) -> Any:
        """The next value, whole."""
        if self._at >= len(self._text) or self._text[self._at] in " \t\r\n":
            self.sign()
        while True:
            held = len(self._text) - self._at
            try:
                value, end = _decode(self._text, self._at)
            except json.JSONDecodeError as exc:
                if held > MAX_ENTRY:
                    raise ValueError("an entry of it is too large") from None
                if not self._more(max(held, 1)):
                    raise ValueError(f"{exc.msg}, after {self.read:,} characters") from None
                continue
            # A number that ends with what is there may go on.
            if end < len(self._text) or not self._more():
                self._at = end
                return value

    def members(self) -> Iterator[str | int]:
        """The keys or places of the object or list that is next; whoever asks reads each value."""
        closing = {"{": "}", "[": "]"}[self.sign()]
        self._at += 1
        count = 0
        while self.sign() != closing:
            if closing == "}":
                key = self.value()
                if not isinstance(key, str) or self.sign() != ":":
                    raise ValueError(f"a key and a colon are missing, after {self.read:,} characters")
                self._at += 1
                yield key
            else:
                yield count
                count += 1
            if (comma := _COMMA.match(self._text, self._at)) and comma.end() < len(self._text):
                self._at = comma.end()
            elif self.sign() == ",":
                self._at += 1
            elif self.sign() != closing:
                raise ValueError(f"it breaks off after {self.read:,} characters")
        self._at += 1

    def _more(self, least: int = 1) -> bool:
        """Reads at least so many characters on; false where there is none."""
        pieces = []
        while least > 0 and (piece := next(self._pieces, None)) is not None:
            pieces.append(piece)
            least -= len(piece)
        self._passed += self._at
        self._text = self._text[self._at :] + "".join(pieces)
        self._at = 0
        return any(pieces)


def entries(pieces: Iterator[str]) -> Iterator[tuple[str | int, Any]]:
    """(key or place, value) for what is in the list or object that the text is."""
    text = JsonText(pieces)
    if text.sign() in ("[", "{"):
        for key in text.members():
            yield key, text.value()


def parts(pieces: Iterator[str]) -> Iterator[tuple[str, str | int | None, Any]]:
    """(key, key or place in its value, value there) for the object that the text is; None for one in which none are."""
    text = JsonText(pieces)
    if text.sign() == "{":
        for key in text.members():
            if text.sign() in ("[", "{"):
                for place in text.members():
                    yield str(key), place, text.value()
            else:
                yield str(key), None, text.value()


class Outline:
    """What JSON holds, by its beginning: a list, an object, or a list of them a line each.

    `shape` is "[", "{", "lines" or "". `sample` are the first entries of a list or of lines. `sections` are an
    object's keys with the first entries of their lists and objects, as far as the beginning goes.
    """

    def __init__(self, pieces: Iterator[str], entries: int = 200) -> None:
        text = JsonText(pieces)
        self.sections: dict[str, Any] = {}
        self.sample: list[Any] = []
        self.shape = text.sign() if text.sign() in ("[", "{") else ""
        if self.shape == "[":
            for _ in text.members():
                self.sample.append(text.value())
                if len(self.sample) == entries or text.read > MAX_ENTRY:
                    return
        elif self.shape == "{":
            self._look_into(text, entries)
            if text.sign() == "{":
                self.shape = "lines"

    def _look_into(self, text: JsonText, entries: int) -> None:
        left = 10 * entries
        for key in map(str, text.members()):
            found: Any = {"{": {}, "[": []}.get(text.sign())
            self.sections[key] = found
            if found is None:
                self.sections[key] = text.value()
            for place in text.members() if found is not None else ():
                value = text.value()
                if isinstance(found, dict):
                    if len(found) < entries:
                        found[place] = value
                elif len(found) < entries:
                    found.append(value)
                left -= 1
                if left < 0 or text.read > MAX_ENTRY:
                    return
            left -= 1
            if left < 0 or text.read > MAX_ENTRY:
                return
