"""Plain-text rows to click: folders, tags with counts, problem files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

from app.elements.element import element

_pick_list = element("pick_list", "<div class='list' role='group'></div>")


def pick_list(
    rows: Sequence[tuple[str, str, str]],
    *,
    label: str,
    key: str,
    on_pick: Callable[[str], None],
    height: str = "20rem",
    layout: Literal["rows", "wrap"] = "rows",
    verb: str = "",
) -> None:
    """Show rows of (id, text, note); `on_pick` is called with the id of the one that was clicked.

    A row without an id is only text. `verb` is said before a row's text to those who listen to the page.
    """

    def picked() -> None:
        if (choice := st.session_state[key].picked) is not None:
            on_pick(str(choice))

    items = [{"id": id_, "text": text, "note": note} for id_, text, note in rows]
    _pick_list(
        data={"items": items, "label": label, "height": height, "layout": layout, "verb": verb},
        key=key,
        on_picked_change=picked,
    )
