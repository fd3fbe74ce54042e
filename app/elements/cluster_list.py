"""The clusters of a map in rows: colour, number, name, size and a bar. One is pointed at, or opened by a click."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from app.elements.element import element

_cluster_list = element("cluster_list", "<div class='list' role='group'></div>")


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """`share`: the length of the bar, 0 to 1. `note`: the size in words. `name`: foreign text."""

    number: int
    name: str
    note: str
    share: float
    colour: str


def cluster_list(
    rows: Sequence[ClusterRow],
    *,
    opened: int | None,
    key: str,
    on_open: Callable[[int], None],
    on_point: Callable[[int | None], None] | None,
) -> None:
    """Show rows. `on_open` gets the number of the one that was clicked.

    `on_point` gets the one that the mouse rests upon, None once it has left the list; without it nobody is told.
    """

    def picked() -> None:
        if (number := st.session_state[key].picked) is not None:
            on_open(int(number))

    def pointed() -> None:
        number = st.session_state[key].pointed
        if on_point is not None and number is not None:
            on_point(int(number) if int(number) >= 0 else None)

    data = {"items": [asdict(row) for row in rows], "opened": opened, "points": on_point is not None}
    _cluster_list(data=data, key=key, on_picked_change=picked, on_pointed_change=pointed)
