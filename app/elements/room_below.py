"""How much room there is in the window from the top of a part of the page down: what fills it asks here."""

from __future__ import annotations

import streamlit as st

from app.elements.element import element

_room_below = element("room_below", "<span hidden></span>")

_USUAL = 760
"""Until the browser has told, in pixels: that of a window of 900."""


def room_below(part: str, *, above: str, key: str) -> int:
    """Pixels between the top of the container with the key `part` and the lower edge of the window, as last told.

    `above` is the key of what stands above it, which may grow.
    The style sheet finds the same in `--room` of that container.
    """
    told = st.session_state.get(key)
    _room_below(data={"part": part, "above": above}, key=key, on_room_change=lambda: None)
    room = told.get("room") if told is not None else None
    return int(room) if isinstance(room, int | float) else _USUAL
