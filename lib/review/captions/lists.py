"""Captions that are written as a list, numbered or with dashes, and how they stand in one line. Pure."""

from __future__ import annotations

import re

from lib.text import words

_MARK = r"(?:\d{1,2}[.)]|[-*•])"
_NUMBERED = re.compile(r"^[^\S\n]*+1[.)] \S.*\n\s*+2[.)] ", re.MULTILINE)
_ITEM = re.compile(rf"[^\S\n]*{_MARK}[^\S\n]+(?=\S)")
_IN_ONE_LINE = re.compile(r"\A\s*1[.)] \S[^\n]*?[\s,;]2[.)] (?=\S)")
_NEXT = re.compile(r"[\s,;]+\d{1,2}[.)] (?=\S)|\A\s*1[.)] ")
_MOST_WORDS = 4


def list_places(text: str) -> list[tuple[int, int]]:
    """Where the numbers of a list begin; dashes are told as markdown."""
    found = _NUMBERED.search(text) or _IN_ONE_LINE.match(text)
    return [found.span()] if found else []


def list_items(text: str) -> list[str]:
    """The items of a text that is a list and nothing else, without their marks; none of any other text."""
    if _IN_ONE_LINE.match(text) and "\n" not in text.strip():
        return [item for part in _NEXT.split(text) if (item := part.strip(" \t,;"))]
    lines = [line for line in text.split("\n") if line.strip()]
    marks = [_ITEM.match(line) for line in lines]
    if len(lines) < 2 or not all(marks):
        return []
    return [line[mark.end() :].strip(" \t\r,;") for line, mark in zip(lines, marks, strict=True) if mark]


def without_numbers(text: str) -> str:
    """The text of a numbered list without its numbers, its lines as they are."""
    return re.sub(r"^[^\S\n]*\d{1,2}[.)] ", "", text, flags=re.MULTILINE) if _NUMBERED.search(text) else text


def in_one_line(text: str, separator: str) -> str:
    """A list as a caption: tags with what stands between them in the other captions, or sentences in a row.

    Any other text stays, and so does a list of neither.
    """
    items = list_items(text)
    if items and all(item.endswith((".", "!", "?")) and len(words(item)) > _MOST_WORDS for item in items):
        return " ".join(items)
    tags = [item.rstrip(".") for item in items]
    if tags and all(0 < len(words(tag)) <= _MOST_WORDS and ":" not in tag for tag in tags):
        return separator.join(tags)
    return text
