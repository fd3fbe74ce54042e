"""Folders in rows: name, where it lies, and how much of it is done. One is pointed at, or opened by a click."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from app.elements.element import element

_folder_list = element("folder_list", "<div class='list' role='group'></div>")


@dataclass(frozen=True, slots=True)
class FolderRow:
    """`name`, `where`: foreign text. `note`: counts in words. `done`: the length of the bar, 0 to 1, None for none."""

    id: str
    name: str
    where: str = ""
    note: str = ""
    done: float | None = None


def folder_list(
    rows: Sequence[FolderRow],
    *,
    label: str,
    key: str,
    height: str,
    on_open: Callable[[str], None],
    on_point: Callable[[str], None],
) -> None:
    """Show rows. `on_open` gets the id of the one that was clicked.

    `on_point` gets that of the one that the mouse or the focus rests upon, "" once it has left the list.
    """

    def picked() -> None:
        if (id := st.session_state[key].picked) is not None:
            on_open(str(id))

    def pointed() -> None:
        if (id := st.session_state[key].pointed) is not None:
            on_point(str(id))

    data = {"items": [asdict(row) for row in rows], "label": label, "height": height}
    _folder_list(data=data, key=key, on_picked_change=picked, on_pointed_change=pointed)
