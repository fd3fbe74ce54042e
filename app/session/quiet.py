"""Work that nobody asked for gives way to the pages: it waits until none was asked for for a moment."""

from __future__ import annotations

import time
from collections.abc import Callable

_LOOK_S = 0.1

_asked_at = float("-inf")


def page_is_asked_for() -> None:
    """Say that somebody waits for a page."""
    global _asked_at
    _asked_at = time.monotonic()


def wait_for_quiet(seconds: float, at_most: float, goes_on: Callable[[], object] = lambda: None) -> bool:
    """Wait until no page was asked for for so many seconds; False where that did not come within `at_most`.

    `goes_on` is called now and then and may raise.
    """
    ends = time.monotonic() + at_most
    while time.monotonic() - _asked_at < seconds:
        if time.monotonic() > ends:
            return False
        goes_on()
        time.sleep(_LOOK_S)
    return True
