"""What was done, a row each, to click."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from app.elements.element import element

_list = element("history_list", "<div class='list' role='group' aria-label='Operations'></div>")


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One operation in words; `exact` is its time to the second."""

    id: int
    what: str
    mark: str
    where: str
    when: str
    exact: str


def history_list(rows: Sequence[HistoryRow], *, selected: int | None, key: str, on_pick: Callable[[int], None]) -> None:
    """Show operations; `on_pick` gets the id of the one that was clicked."""

    def picked() -> None:
        if (choice := st.session_state[key].picked) is not None:
            on_pick(int(choice))

    _list(data={"items": [asdict(row) for row in rows], "selected": selected}, key=key, on_picked_change=picked)
