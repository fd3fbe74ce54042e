"""One gate for all pictures that are decoded at a time on this server: by bytes, first come first served."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from lib.memory import return_at_once
from lib.settings import settings

_TOLD_EACH_S = 0.3
"""A wait shorter than this is not worth a word."""

_told: ContextVar[Callable[[float], None] | None] = ContextVar("told", default=None)


@contextmanager
def telling(told: Callable[[float], None]) -> Iterator[None]:
    """Within the block `told` hears, again and again, for how many seconds this thread has waited at a gate.

    What it raises ends the wait: whoever was waited for went away.
    """
    token = _told.set(told)
    try:
        yield
    finally:
        _told.reset(token)


@dataclass(slots=True, eq=False)
class _Ticket:
    size: int
    is_admitted: threading.Event = field(default_factory=threading.Event)


class ByteGate:
    """Admits work by the bytes that it takes, never more than `capacity()` of them, in the order of asking.

    Strict order means that a large picture is not overtaken for ever by small ones. Who is inside never waits at the
    same gate again, and nobody waits for more than there is: so there is no deadlock.
    """

    def __init__(self, capacity: Callable[[], int]) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._queue: deque[_Ticket] = deque()
        self._held = 0
        self._inside = threading.local()

    @property
    def held(self) -> int:
        """The bytes that are taken now."""
        return self._held

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._queue)

    @contextmanager
    def admitted(self, size: int) -> Iterator[None]:
        """Waits until `size` bytes are free, and holds them until the block ends."""
        return_at_once()
        if getattr(self._inside, "yes", False):
            yield
            return
        # More than there is could never come in: it comes in alone.
        size = min(size, self._capacity())
        self._enter(size)
        self._inside.yes = True
        try:
            yield
        finally:
            self._inside.yes = False
            self._leave(size)

    def _enter(self, size: int) -> None:
        ticket = _Ticket(size)
        with self._lock:
            self._queue.append(ticket)
            self._admit()
        start = time.monotonic()
        try:
            while not ticket.is_admitted.wait(_TOLD_EACH_S):
                if told := _told.get():
                    told(time.monotonic() - start)
        except BaseException:
            self._give_up(ticket)
            raise

    def _give_up(self, ticket: _Ticket) -> None:
        with self._lock:
            if ticket.is_admitted.is_set():
                self._held -= ticket.size
            else:
                self._queue.remove(ticket)
            self._admit()

    def _leave(self, size: int) -> None:
        with self._lock:
            self._held -= size
            self._admit()

    def _admit(self) -> None:
        """Lets in whoever is first, as long as there is room. Called with the lock held."""
        while self._queue and (not self._held or self._held + self._queue[0].size <= self._capacity()):
            ticket = self._queue.popleft()
            self._held += ticket.size
            ticket.is_admitted.set()


def limit() -> int:
    """The bytes that decoding may take: of one picture, and of all together."""
    return settings().picture_mb * 1_000_000


decoding = ByteGate(limit)
"""What every picture of this server passes."""

opening = ByteGate(lambda: limit() // 4)
"""What those pass before it whose file is read whole, or partly painted, when it is opened.

Nobody who is inside `decoding` waits here, so the two cannot wait for each other.
"""
