"""Find and replace over many captions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import regex as patterns

from lib.bulk.base import Change, Rewriter, changes, check_size
from lib.dataset.tag_files.sidecar import MAX_BYTES
from lib.domain import ImageRecord
from lib.errors import InvalidInput
from lib.find import Find, Search

Expand = Callable[[Any], str]


def plan_replace(records: Sequence[ImageRecord], find: Find, replacement: str) -> list[Change]:
    r"""Puts `replacement` for every match; `hits` counts the matches of a caption.

    Only with `find.regex` does the replacement have groups (\1, \g<name>) and escapes (\n); otherwise each of its
    characters stands for itself. Raises InvalidInput for a pattern that is wrong or too slow, a replacement that is
    wrong, and a caption that would outgrow what a tag file may hold.
    """
    if find.is_plain:
        return changes(records, _literally(find.pattern, replacement))
    search = Search(find, len(records))
    return changes(records, _by_pattern(search, _expander(search, find, replacement)))


def replace_one(text: str, find: Find, replacement: str, number: int) -> tuple[str, int]:
    """The text with only its match of that number (from 0) replaced, and where the replacement ends.

    Raises InvalidInput as `plan_replace` does, and where there are not so many matches.
    """
    search = Search(find)
    matches = search.matches(text)
    if number >= len(matches):
        raise InvalidInput("This match is not there any more.", "Nothing was changed. Press Find again.")
    match = matches[number]
    new = _expander(search, find, replacement)(match)
    return text[: match.start()] + new + text[match.end() :], match.start() + len(new)


def _literally(old: str, new: str) -> Rewriter:
    growth = len(new) - len(old)

    def rewrite(text: str) -> tuple[str, int]:
        hits = text.count(old)
        if not hits:
            return text, 0
        check_size(len(text) + hits * growth, len(text))
        return text.replace(old, new), hits

    return rewrite


def _by_pattern(search: Search, expand: Expand) -> Rewriter:
    def rewrite(text: str) -> tuple[str, int]:
        matches = search.matches(text)
        if not matches:
            return text, 0
        pieces: list[str] = []
        at = size = 0
        for match in matches:
            start, end = match.span()
            new = expand(match)
            pieces += text[at:start], new
            at = end
            size += len(new)
            if size > MAX_BYTES:
                check_size(size, len(text))
        pieces.append(text[at:])
        return "".join(pieces), len(matches)

    return rewrite


def _expander(search: Search, find: Find, template: str) -> Expand:
    if not find.regex or "\\" not in template:
        return lambda match: template
    try:
        # A template is read at its first match only, so the pattern gets an empty choice that matches at once.
        patterns.compile("|" + search.compiled.pattern).sub(template, "")
    except (patterns.error, IndexError, ValueError, OverflowError) as exc:
        raise InvalidInput(
            f"The replacement “{template}” cannot be used: {exc}.",
            r"Nothing was changed. \1 stands for the first group in brackets, \g<name> for a named one, "
            r"\\ for a backslash.",
        ) from exc

    def expand(match: Any) -> str:
        # Told before it is made: many groups of a long caption are more than the memory.
        text = match.string
        longest = max(end - start for start, end in match.regs)
        check_size(len(template) + template.count("\\") * longest, len(text))
        return str(match.expand(template))

    return expand
