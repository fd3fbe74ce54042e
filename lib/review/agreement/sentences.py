"""A caption cut into its sentences, so that the one that does not fit can be named."""

from __future__ import annotations

import regex

from lib.text import words

MOST = 24
"""Sentences of one caption that are looked at each by itself; the rest is one more."""

_FEWEST_WORDS = 3
# A name's "St." or "Dr." ends no sentence.
_END = regex.compile(
    r"(?:(?<!\b(?:St|Mr|Mrs|Ms|Dr|vs|etc|approx|e\.g|i\.e|ca))[.!?…]+[\"'”’)\]]*(?=\s)|[。！？]+|\n+)\s*",
    regex.IGNORECASE,
)
_WORDLESS = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]")


def sentences_of(text: str) -> list[tuple[int, int]]:
    """Where each sentence begins and ends, blanks at its ends left out. A blank text has none.

    What is too short to say anything by itself ("St.", "e.g.") belongs to what follows.
    """
    found: list[tuple[int, int]] = []
    start = 0
    for end in [match.end() for match in _END.finditer(text)] + [len(text)]:
        is_last = end == len(text)
        if not is_last and (_is_short(text[start:end]) or len(found) >= MOST):
            continue
        part = text[start:end]
        if part.strip():
            first = start + len(part) - len(part.lstrip())
            found.append((first, first + len(part.strip())))
        start = end
    if len(found) > 1 and _is_short(text[slice(*found[-1])]):
        # A short rest belongs to what is before it.
        last = found.pop()
        found[-1] = found[-1][0], last[1]
    return found


def _is_short(part: str) -> bool:
    """Scripts that put no blanks between words are counted by their letters."""
    return len(words(part)) < _FEWEST_WORDS and len(_WORDLESS.findall(part)) < 2 * _FEWEST_WORDS
