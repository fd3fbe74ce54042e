"""Page numbers in a row."""

from __future__ import annotations

from typing import Literal

import streamlit as st

_SLOT, _DIGIT = 37, 8
"""Pixels of a number of two digits and of each further digit."""
_MOST = 7


def pager(pages: int, *, key: str, persist_state: Literal["session"] | None = None) -> int:
    """Show the numbers of some pages; gives the chosen one."""
    # It shows one number where it finds room for less than three, and two for less than five, however few there are;
    # as wide as it makes itself it finds no more room than it took before. So it gets the room that it asks for.
    slots = 3 if pages == 2 else max(5, min(pages, _MOST))
    slot = _SLOT + _DIGIT * max(0, len(str(pages)) - 2)
    return st.pagination(
        pages,
        max_visible_pages=_MOST,
        width=slot * slots + 2 * _SLOT + 6,
        key=key,
        persist_state=persist_state,
    )
