"""Taking turns: one limiter for each key, so that all workers together keep to a service's pace."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable

from pydantic import SecretStr

WINDOW_S = 60.0
MAX_PAUSE_S = 120.0


class RateLimiter:
    """At most `rpm` requests in any 60 seconds (0: any number), and a pause that all who share it keep.

    Thread-safe. Turns are reserved in the order they were asked for.
    """

    def __init__(
        self,
        rpm: int = 0,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rpm = rpm
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._turns: deque[float] = deque(maxlen=rpm or 1)
        self._paused_until = 0.0

    def allow(self, rpm: int) -> None:
        """Another pace from now on; what was sent in the last minute still counts."""
        with self._lock:
            if rpm != self._rpm:
                self._rpm = rpm
                self._turns = deque(self._turns, maxlen=rpm or 1)

    def wait(self, at_most: float | None = None) -> bool:
        """Sleep until it is this caller's turn. False, at once, where that would take over `at_most` seconds."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._paused_until)
            if self._rpm and len(self._turns) == self._rpm:
                turn = max(turn, self._turns[0] + WINDOW_S)
            if at_most is not None and turn - now > at_most:
                return False
            self._turns.append(turn)
        while (left := max(turn, self._paused_until) - self._clock()) > 0:
            # The pause may have grown while this one slept.
            self._sleep(left)
        return True

    def pause(self, seconds: float) -> None:
        """The service said "slow down": nobody sends for so long (at most two minutes)."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock() + min(seconds, MAX_PAUSE_S))


_limiters: dict[str, RateLimiter] = {}
_registry_lock = threading.Lock()


def limiter_for(provider: str, key: SecretStr | None, rpm: int = 0) -> RateLimiter:
    """The limiter that this process shares among all callers of one service with one key. The key is only hashed."""
    secret = key.get_secret_value() if key else ""
    name = hashlib.sha256(f"{provider}\0{secret}".encode()).hexdigest()
    with _registry_lock:
        limiter = _limiters.setdefault(name, RateLimiter(rpm))
    if rpm:
        limiter.allow(rpm)
    return limiter


def forget_limiters() -> None:
    """Drop all pauses and counts (tests begin afresh with it)."""
    with _registry_lock:
        _limiters.clear()
