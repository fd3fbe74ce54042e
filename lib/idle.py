"""Models in memory that nobody used for a while are let go."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from lib.memory import give_back

IDLE_S = 1_800.0
"""A model that nobody used for this long is let go; it takes up to 1 GB of memory."""


class IdleWatch:
    """Calls `let_go` once something was not used for `idle_s()` seconds; it says whether it did."""

    def __init__(self, let_go: Callable[[], bool], idle_s: Callable[[], float] = lambda: IDLE_S) -> None:
        self._let_go = let_go
        self._idle_s = idle_s
        self._used = 0.0
        self.timer: threading.Timer | None = None

    def mark_used(self) -> None:
        """It is used now. Call it with the lock held that `let_go` takes."""
        self._used = time.monotonic()
        if self.timer is None:
            self._watch(self._idle_s())

    def is_idle(self, idle_s: float) -> bool:
        return time.monotonic() - self._used >= idle_s

    def _watch(self, seconds: float) -> None:
        self.timer = threading.Timer(seconds, self._look)
        self.timer.daemon = True
        self.timer.start()

    def _look(self) -> None:
        self.timer = None
        if self._let_go():
            give_back()
        elif self.timer is None:
            self._watch(max(0.01, self._used + self._idle_s() - time.monotonic()))
