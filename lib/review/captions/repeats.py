"""Captions that say something again and again, as models do that do not find the end. Pure."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]*")
_TOKEN = re.compile(r"\S+")
_LONGEST = 12
_DOUBLED = re.compile(r"\b(a|an|the|of|in|on|with|and|is|are|to|at|by|for|from)(\s+\1)+\b", re.IGNORECASE)


def loop(text: str) -> tuple[int, int] | None:
    """Where a caption repeats what it has just said: from the end of the first time to the end of the last one.

    One word counts from the fifth time on ("very, very"), two or three from the third, more from the second.
    """
    tokens = [(found.group().strip(",.;").casefold(), *found.span()) for found in _TOKEN.finditer(text)]
    plain = [token for token, _, _ in tokens]
    for size in range(1, min(_LONGEST, len(plain) // 2) + 1):
        needed = 5 if size == 1 else 3 if size < 4 else 2
        start = 0
        while start + size * needed <= len(plain):
            count = 1
            part = plain[start : start + size]
            while plain[start + size * count : start + size * (count + 1)] == part:
                count += 1
            if count >= needed and any(map(str.isalpha, "".join(part))):
                return tokens[start + size - 1][2], tokens[start + size * count - 1][2]
            # Within a run of dashes each part is one of dashes.
            start += size * (count - 1) + 1
    return None


def said_twice(text: str) -> tuple[int, int] | None:
    """Where a sentence of at least four words stands that stood before, with the blanks before it."""
    seen: set[str] = set()
    for found in _SENTENCE.finditer(text):
        plain = " ".join(found.group().casefold().split()).strip(".!?。！？ ")
        if len(plain.split()) < 4:
            continue
        if plain in seen:
            return found.span()
        seen.add(plain)
    return None


def doubled(text: str) -> tuple[int, int] | None:
    """Where a small word stands twice in a row ("in in the park"), the second time; "that that" may be meant."""
    found = _DOUBLED.search(text)
    return (found.end(1), found.end()) if found else None


def said_once(text: str) -> str:
    """The text without its repetitions; it ends as it did, or as the sentence before."""
    for _ in range(20):
        place = said_twice(text) or loop(text) or doubled(text)
        if place is None:
            break
        before, rest = text[: place[0]].rstrip(), text[place[1] :]
        if rest.strip() and rest[:1].isalnum():
            rest = " " + rest
        end = text[place[1] - 1]
        text = before.rstrip(",;") + (end if end in ".!?" and not rest.strip() and before[-1:].isalnum() else "") + rest
    return text.rstrip() if text else text
