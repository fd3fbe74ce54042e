"""Work that nobody asked for waits until no page is asked for."""

from __future__ import annotations

import threading
import time

import pytest

from app.session.quiet import page_is_asked_for, wait_for_quiet


def test_it_waits_for_as_long_as_pages_are_asked_for() -> None:
    page_is_asked_for()
    found: list[bool] = []
    waiting = threading.Thread(target=lambda: found.append(wait_for_quiet(0.3, 20)))
    waiting.start()
    ends = time.monotonic() + 0.8
    while time.monotonic() < ends:
        page_is_asked_for()
        assert not found
    last = time.monotonic()
    waiting.join()
    assert found == [True]
    assert time.monotonic() - last >= 0.25


def test_it_gives_up_where_no_page_rests() -> None:
    page_is_asked_for()
    assert not wait_for_quiet(20, 0.2)


def test_it_hears_that_it_is_not_wanted_any_longer() -> None:
    def stop() -> None:
        raise InterruptedError

    page_is_asked_for()
    with pytest.raises(InterruptedError):
        wait_for_quiet(20, 20, stop)
