"""Kinds of findings in rows under headings: what it is, how many there are, how many would go. One is looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from app.elements.element import element

_check_list = element("check_list", "<nav aria-label='Findings'></nav>")


@dataclass(frozen=True, slots=True)
class CheckRow:
    """`id` is "" for a heading, and for a check without findings, which `note` tells of."""

    id: str
    text: str
    note: str = ""
    more: str = ""
    is_heading: bool = False


def check_list(rows: Sequence[CheckRow], *, current: str, key: str, on_pick: Callable[[str], None]) -> None:
    """Show rows; `on_pick` gets the id of the one that was clicked."""

    def picked() -> None:
        if (choice := st.session_state[key].picked) is not None:
            on_pick(str(choice))

    data = {"items": [asdict(row) for row in rows], "current": current}
    _check_list(data=data, key=key, on_picked_change=picked)
