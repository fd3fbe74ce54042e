"""Page numbers in a row."""

from __future__ import annotations

from typing import Literal

import streamlit as st

_SLOT, _DIGIT = 38, 8
"""Pixels of a number of two digits and of each further digit."""
_MOST = 7


def pager(pages: int, *, key: str, persist_state: Literal["session"] | None = None) -> int:
    """Show the numbers of some pages; gives the chosen one."""
    # As wide as its numbers: left to itself it measures the room that it had before, and drops those that did not fit.
    slot = _SLOT + _DIGIT * max(0, len(str(pages)) - 2)
    return st.pagination(
        pages,
        max_visible_pages=_MOST,
        width=slot * min(pages, _MOST) + 2 * _SLOT + 4,
        key=key,
        persist_state=persist_state,
    )
