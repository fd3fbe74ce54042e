"""Captions cut into tags so that all else in them stays as it is.

What trainers give a meaning to is left alone. In kohya-ss/sd-scripts (`keep_tokens_separator`, `secondary_separator`,
`enable_wildcard`) "|||" sets pinned tags apart, "a;;;b" is one tag until it is used, "{a|b}" is a wildcard, and each
line is a caption of its own; "__a__" is a wildcard of Dynamic Prompts.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Groups = list[list[str]]
"""The tags of one line: those before the first "|||", those between it and the second, and so on."""

GroupWork = Callable[[Groups], tuple[Groups, int]]
"""New groups, as many as before, and how many places differ."""

# Blanks count from the first of them on, or not at all: looked at from each, a megabyte of them would take a day.
_PIN = re.compile(r"((?:(?<![^\S\n])[^\S\n]++)?\|\|\|[^\S\n]*+)")
_MARK = re.compile(r"[{}]|__[\w*/.-]+?__")
# The comma of "1,000 people" is part of a number.
_COMMA = re.compile(r",(?!(?<=\d,)\d{3}(?!\d))")


def wildcards(text: str) -> list[tuple[int, int]]:
    """Start and end of each wildcard from the left; of nested ones the outermost alone. Stray braces are letters."""
    spans: list[tuple[int, int]] = []
    opened: list[int] = []
    for mark in _MARK.finditer(text):
        if mark[0] == "{":
            opened.append(mark.start())
        elif mark[0] != "}":
            spans.append(mark.span())
        elif opened:
            start = opened.pop()
            while spans and spans[-1][0] > start:
                spans.pop()
            spans.append((start, mark.end()))
    return spans


def outside_wildcards(text: str, work: Callable[[str], str]) -> str:
    """The text with all but its wildcards worked on."""
    pieces: list[str] = []
    at = 0
    for start, end in wildcards(text):
        pieces += work(text[at:start]), text[start:end]
        at = end
    pieces.append(work(text[at:]))
    return "".join(pieces)


def split_group(text: str) -> list[str]:
    """The tags of a text without "|||" and line ends, trimmed, empty ones dropped."""
    spans = wildcards(text) if "{" in text else []
    if not spans:
        parts = _COMMA.split(text)
    else:
        parts = []
        at = place = 0
        for comma in _COMMA.finditer(text):
            while place < len(spans) and spans[place][1] <= comma.start():
                place += 1
            if place == len(spans) or comma.start() < spans[place][0]:
                parts.append(text[at : comma.start()])
                at = comma.end()
        parts.append(text[at:])
    return [tag for part in parts if (tag := part.strip())]


def split_line(line: str) -> Groups:
    """The tags of one line, in groups."""
    return [split_group(part) for part in _PIN.split(line)[::2]]


def all_tags(text: str) -> list[str]:
    """The tags of a whole caption."""
    return [tag for line in text.split("\n") for group in split_line(line) for tag in group]


def rewrite_tags(text: str, work: GroupWork) -> tuple[str, int]:
    """A caption with the tags of each line worked on.

    Groups whose tags stay the same keep their spaces and commas; the others are joined with ", ". A line of which
    nothing is left goes, the others stay.
    """
    lines: list[str] = []
    total = 0
    for line in text.split("\n"):
        parts = _PIN.split(line)
        old = [split_group(part) for part in parts[::2]]
        new, hits = work(old)
        if new == old:
            lines.append(line)
            continue
        total += hits
        for number, tags in enumerate(new):
            if tags != old[number]:
                parts[2 * number] = ", ".join(tags)
        if line := "".join(parts).strip():
            lines.append(line)
    return ("\n".join(lines), total) if total else (text, 0)
