"""Heavy things loaded once and shared: a second asker waits for the first one's load instead of starting another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Loader(Generic[T]):
    """Values by name, each made by its factory exactly once. A failed load may be tried again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._futures: dict[str, Future[T]] = {}

    def get(self, name: str, factory: Callable[[], T]) -> T:
        """The value of that name; raises whatever its factory raised."""
        with self._lock:
            future = self._futures.get(name)
            mine = future is None
            if future is None:
                future = self._futures[name] = Future()
        if mine:
            try:
                future.set_result(factory())
            except BaseException as error:  # noqa: BLE001 - handed on to every asker
                with self._lock:
                    del self._futures[name]
                future.set_exception(error)
        return future.result()

    def ready(self) -> dict[str, T]:
        """Those that are there by now. Waits for none."""
        with self._lock:
            futures = dict(self._futures)
        return {name: future.result() for name, future in futures.items() if future.done() and not future.exception()}
