"""How much room there is in the window from the top of a part of the page down: what fills it asks here."""

from __future__ import annotations

import re

import streamlit as st

from app.elements.element import element

_room_below = element("room_below", "<span hidden></span>")

_USUAL = 766
"""Where a browser has never told, in pixels: that of a window of 900."""
_LEAST, _MOST = 280, 10_000


def room_below(part: str, *, above: str, key: str) -> int:
    """Pixels between the top of the container with the key `part` and the lower edge of the window, as last told.

    `above` is the key of what stands above it, which may grow.
    The style sheet finds the same in `--room` of that container.
    """
    told = st.session_state.get(key)
    room = told.get("room") if told is not None else None
    known = int(room) if isinstance(room, int | float) else st.session_state.get(_kept(key)) or _remembered(key)
    st.session_state[_kept(key)] = known
    taken = known or _USUAL
    # What is right already is not told: the page would be drawn twice, with all that fills the room.
    data = {"part": part, "above": above, "cookie": _cookie(key), "taken": taken, "isKnown": known is not None}
    _room_below(data=data, key=key, on_room_change=lambda: None)
    return taken


def _kept(key: str) -> str:
    """Another page lets go of what an element told."""
    return f"{key}.kept"


def _cookie(key: str) -> str:
    return f"toolkit-room-{key}"


def _remembered(key: str) -> int | None:
    """What this browser told before this session began, None if nothing; anybody may have written it."""
    said = str(st.context.cookies.get(_cookie(key), ""))
    return min(max(int(said), _LEAST), _MOST) if re.fullmatch("[0-9]{1,5}", said) else None
