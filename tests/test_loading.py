"""Heavy things are loaded once."""

from __future__ import annotations

import threading
import time

import pytest

from lib.loading import Loader


def test_two_askers_share_one_load() -> None:
    loader: Loader[object] = Loader()
    loads: list[int] = []
    values: list[object] = []

    def load() -> object:
        loads.append(1)
        time.sleep(0.05)
        return object()

    threads = [threading.Thread(target=lambda: values.append(loader.get("model", load))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1
    assert len({id(value) for value in values}) == 1


def test_a_failed_load_is_reported_and_may_be_tried_again() -> None:
    loader: Loader[int] = Loader()

    def fail() -> int:
        raise OSError("no network")

    with pytest.raises(OSError, match="no network"):
        loader.get("model", fail)
    assert loader.get("model", lambda: 7) == 7
