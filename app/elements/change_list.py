"""Captions before and after, a page of them at a time, each with a box to leave it out."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.elements.element import element
from app.session.messages import guarded
from lib.bulk import Change
from lib.diff import Part, word_diff

PAGE = 50
"""Changes on a page: the browser never holds more of them, be there 100,000."""

_SAME = 240
"""Characters of unchanged text shown in one piece; of a longer piece both ends are."""

_CHANGED = 1_500

_change_list = element(
    "change_list",
    "<table><thead><tr><th scope='col'>Image</th><th scope='col'>Before</th><th scope='col'>After</th></tr></thead>"
    "<tbody></tbody></table>",
)


def change_list(changes: Sequence[Change], left_out: set[str], *, key: str) -> None:
    """Show changes; the images whose box is cleared are put into `left_out`."""
    pages = _pages(changes)
    page = st.pagination(pages, key=f"{key}.page") if pages > 1 else 1
    shown = _on_page(changes, page)
    place = f"{key}.{page}"
    note = functools.partial(_note, place, shown, left_out)
    rows = [_row(change, change.name not in left_out) for change in shown]
    _change_list(data={"id": place, "rows": rows}, key=place, on_left_out_change=guarded(note, "bulk"))


def take_boxes(changes: Sequence[Change], left_out: set[str], *, key: str) -> None:
    """Take over what the boxes of a list say; an action upon its changes begins with it.

    Streamlit may run a button's callback before that of a box that was cleared just before the click.
    """
    for page in range(1, _pages(changes) + 1):
        if f"{key}.{page}" in st.session_state:
            _note(f"{key}.{page}", _on_page(changes, page), left_out)


def _pages(changes: Sequence[Change]) -> int:
    return -(-len(changes) // PAGE)


def _on_page(changes: Sequence[Change], page: int) -> Sequence[Change]:
    return changes[(page - 1) * PAGE : page * PAGE]


def _note(place: str, shown: Sequence[Change], left_out: set[str]) -> None:
    # The whole page's boxes are sent each time: Streamlit keeps only the newest of two messages.
    reported = st.session_state[place].left_out
    if isinstance(reported, list):
        names = {change.name for change in shown}
        left_out -= names
        left_out |= names.intersection(reported)


def _row(change: Change, kept: bool) -> dict[str, Any]:
    parts = word_diff(change.before, change.after)
    return {
        "name": change.name,
        "hits": change.hits,
        "kept": kept,
        "before": _side(parts, "del"),
        "after": _side(parts, "ins"),
    }


def _side(parts: Sequence[Part], kind: str) -> list[tuple[bool, str]]:
    """One side of a change as (differs, text)."""
    return [(part == kind, _shortened(text, part == "same")) for part, text in parts if part in ("same", kind)]


def _shortened(text: str, same: bool) -> str:
    most = _SAME if same else _CHANGED
    return text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}"
