"""Two states of a tag file side by side, with the differing words marked, as escaped HTML."""

from __future__ import annotations

import html
from typing import Literal

from lib.dataset.tag_files.sidecar import text_of
from lib.diff import Part, word_diff

_CONTEXT = 200
"""Characters of what is the same that are shown on either side of a change."""

_LONGEST = 3000
"""Characters of one change that are shown."""


def text_diff(before: bytes | None, after: bytes | None) -> str:
    """The HTML of two contents, None for no file. All foreign text in it is escaped."""
    old, new = _text(before), _text(after)
    parts = word_diff(old or "", new or "")
    sides = (_side(parts, "del") or _instead(before, old), _side(parts, "ins") or _instead(after, new))
    cells = "".join(f"<div class='{name}'>{side}</div>" for name, side in zip(("before", "after"), sides, strict=True))
    return f"<div class='toolkit-diff'>{cells}</div>"


def _text(data: bytes | None) -> str | None:
    return None if data is None else text_of(data)


def _instead(data: bytes | None, text: str | None) -> str:
    """What is said where there is no text to show."""
    words = "no tag file" if data is None else "not readable text" if text is None else "empty"
    return f"<em>{words}</em>"


def _side(parts: list[Part], marked: Literal["del", "ins"]) -> str:
    shown = []
    for place, (kind, text) in enumerate(parts):
        if kind == "same":
            shown.append(html.escape(_shortened(text, first=place == 0, last=place == len(parts) - 1)))
        elif kind == marked:
            # A line end alone would leave nothing to see.
            visible = html.escape(_cut(text)).replace("\n", "↵\n")
            shown.append(f"<{marked}>{visible}</{marked}>")
    return "".join(shown)


def _shortened(text: str, *, first: bool, last: bool) -> str:
    """A long stretch that is the same, but for its ends beside a change."""
    if len(text) <= 2 * _CONTEXT:
        return text
    head = "" if first and not last else text[:_CONTEXT]
    tail = "" if last and not first else text[-_CONTEXT:]
    return f"{head} … {tail}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} … ({len(text) - _LONGEST:,} more characters)"
