"""A double click counts once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from app.session.state import AppState
from lib.errors import ToolkitError

_DOUBLE_CLICK_S = 1.0
"""Seconds within which a second click is the first one's other half: what is small has ended long before."""


@contextmanager
def one_click(state: AppState, asked: object) -> Iterator[bool]:
    """True for a click, False for the second half of a double click, which may run at the same time as the first.

    `asked`: what the click asks for. A click for something else is a click of its own, however soon it comes.
    """
    now = time.monotonic()
    (before, clicked), state.clicked = state.clicked, (asked, now)
    try:
        yield before != asked or now - clicked >= _DOUBLE_CLICK_S
    except ToolkitError:
        state.clicked = (None, now)
        raise
