"""What was done, how long each took, and what went wrong. Filled by all visitors at once."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from websockets.exceptions import WebSocketException

from tests.doubles.visitor import Turned
from tests.soak.tab import Fault

TURN, AT_ONCE, TORN = "page turn", "opening, all at once", "torn off"

FAULTS = (Fault, Turned, OSError, WebSocketException)
"""What an action ends in that went wrong."""


class Tally:
    """Seconds and errors by kind of action."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.errors: dict[str, list[str]] = defaultdict(list)

    @contextmanager
    def counted(self, kind: str) -> Iterator[None]:
        """Time an action. What goes wrong in it is noted and raised, since nothing after it can be relied upon."""
        begun = time.perf_counter()
        try:
            yield
        except FAULTS as error:
            self.failed(kind, f"{type(error).__name__}: {error}")
            raise
        with self._lock:
            self.seconds[kind].append(time.perf_counter() - begun)

    def done(self, kind: str) -> None:
        """Count what takes no time to speak of."""
        with self._lock:
            self.seconds[kind].append(0.0)

    def failed(self, kind: str, what: str) -> None:
        with self._lock:
            self.errors[kind].append(what)

    def kinds(self) -> list[str]:
        return sorted(self.seconds.keys() | self.errors.keys())


def quantile(values: list[float], part: float) -> float:
    """The value that a part of all values does not exceed; 0 where there is none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0
