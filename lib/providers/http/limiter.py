"""Taking turns: one limiter for each key, so that all workers together keep to a service's pace."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from pydantic import SecretStr

WINDOW_S = 60.0
MAX_PAUSE_S = 120.0


class Limiter(Protocol):
    """Whoever gives turns: in this process, or for the workers of a whole job."""

    def reserve(self, at_most: float | None = None) -> float | None:
        """Takes the next turn; the seconds until it. None, and no turn is taken, where they are over `at_most`."""

    def paused(self) -> float:
        """The seconds that a pause still lasts, 0.0 where there is none."""

    def pause(self, seconds: float) -> None:
        """The service said "slow down": nobody sends for so long (at most two minutes)."""

    def wait(self, at_most: float | None = None) -> bool:
        """Sleep until it is this caller's turn. False, at once, where that would take over `at_most` seconds."""


class RateLimiter:
    """At most `rpm` requests in any 60 seconds (0: any number), and a pause that all who share it keep.

    Thread-safe. Turns are reserved in the order they were asked for. `margin_s`: so much longer than a minute is the
    window, for requests that do not all take as long to arrive. `is_full`: as if the whole minute's turns had just been
    taken, for one in the place of another that nobody can ask any more.
    """

    def __init__(
        self,
        rpm: int = 0,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        margin_s: float = 0.0,
        is_full: bool = False,
    ) -> None:
        self._rpm = rpm
        self._clock = clock
        self._sleep = sleep
        self._window_s = WINDOW_S + margin_s
        self._lock = threading.Lock()
        self._turns: deque[float] = deque([clock()] * rpm if is_full else (), maxlen=rpm or 1)
        self._paused_until = 0.0

    def allow(self, rpm: int) -> None:
        """Another pace from now on; what was sent in the last minute still counts."""
        with self._lock:
            if rpm != self._rpm:
                self._rpm = rpm
                self._turns = deque(self._turns, maxlen=rpm or 1)

    def reserve(self, at_most: float | None = None) -> float | None:
        """Takes the next turn; the seconds until it. None, and no turn is taken, where they are over `at_most`."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._paused_until)
            if self._rpm and len(self._turns) == self._rpm:
                turn = max(turn, self._turns[0] + self._window_s)
            if at_most is not None and turn - now > at_most:
                return None
            self._turns.append(turn)
            return turn - now

    def paused(self) -> float:
        """The seconds that a pause still lasts, 0.0 where there is none."""
        with self._lock:
            return max(0.0, self._paused_until - self._clock())

    def wait(self, at_most: float | None = None) -> bool:
        """Sleep until it is this caller's turn. False, at once, where that would take over `at_most` seconds."""
        return sleep_until_turn(self, at_most, self._sleep)

    def pause(self, seconds: float) -> None:
        """The service said "slow down": nobody sends for so long (at most two minutes)."""
        with self._lock:
            now = self._clock()
            until = self._paused_until = max(self._paused_until, now + min(seconds, MAX_PAUSE_S))
            # Turns that wait are sent when it ends, and count from then: else the next minute would hold too many.
            late = (max(turn, until) if turn > now else turn for turn in self._turns)
            self._turns = deque(late, maxlen=self._turns.maxlen)


def sleep_until_turn(limiter: Limiter, at_most: float | None, sleep: Callable[[float], None] = time.sleep) -> bool:
    """What every limiter's `wait` does: reserve, sleep, and sleep on where a pause grew meanwhile."""
    left = limiter.reserve(at_most)
    if left is None:
        return False
    while left > 0:
        sleep(left)
        left = limiter.paused()
    return True


LimiterMaker = Callable[[str, int], Limiter]
"""From a name, which stands for a service and a key, and the requests a minute, to what gives the turns."""

_limiters: dict[str, RateLimiter] = {}
_registry_lock = threading.Lock()
_shared: list[LimiterMaker] = []


def limiter_for(provider: str, key: SecretStr | None, rpm: int = 0) -> Limiter:
    """The limiter of one service with one key, shared by all callers of this process. The key is only hashed.

    Inside a worker it is that of the whole job (`share_limiters`).
    """
    secret = key.get_secret_value() if key else ""
    name = hashlib.sha256(f"{provider}\0{secret}".encode()).hexdigest()
    if _shared:
        return _shared[-1](name, rpm)
    return named_limiter(name, rpm)


def named_limiter(name: str, rpm: int = 0, *, margin_s: float = 0.0, is_full: bool = False) -> RateLimiter:
    """The limiter of this process of that name, made at its first use."""
    with _registry_lock:
        if name not in _limiters:
            _limiters[name] = RateLimiter(rpm, margin_s=margin_s, is_full=is_full)
        limiter = _limiters[name]
    if rpm:
        limiter.allow(rpm)
    return limiter


def share_limiters(maker: LimiterMaker) -> None:
    """From now on all turns of this process are taken from somebody else: it is one worker of many."""
    _shared.append(maker)


def forget_limiters() -> None:
    """Drop all pauses and counts, and whom turns are taken from (tests begin afresh with it)."""
    with _registry_lock:
        _limiters.clear()
        _shared.clear()
