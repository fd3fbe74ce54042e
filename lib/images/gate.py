"""One gate for all pictures that are decoded at a time on this server: by bytes, and visitors take turns."""

from __future__ import annotations

import threading
import time
from bisect import insort
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from lib.memory import return_at_once
from lib.settings import settings

_TOLD_EACH_S = 0.3
"""A wait shorter than this is not worth a word."""

_told: ContextVar[Callable[[float], None] | None] = ContextVar("told", default=None)
_visitor: ContextVar[str] = ContextVar("visitor", default="")


@contextmanager
def telling(told: Callable[[float], None], visitor: str = "") -> Iterator[None]:
    """Within the block `told` hears, again and again, for how many seconds this thread has waited at a gate.

    What it raises ends the wait: whoever was waited for went away. `visitor` is whose turn is taken; all work that
    nobody looks at takes its turn as one.
    """
    tokens = _told.set(told), _visitor.set(visitor)
    try:
        yield
    finally:
        _told.reset(tokens[0])
        _visitor.reset(tokens[1])


@dataclass(slots=True, eq=False)
class _Ticket:
    size: int
    visitor: str
    turn: int = 0
    is_admitted: threading.Event = field(default_factory=threading.Event)


class ByteGate:
    """Admits work by the bytes that it takes, never more than `capacity()` of them: visitors in turn, each in order.

    Whoever asks for many waits for those who ask for few. Beyond that the order is strict: a large picture is not
    overtaken for ever by small ones. Who is inside never waits at the
    same gate again, and nobody waits for more than there is: so there is no deadlock.
    """

    def __init__(self, capacity: Callable[[], int]) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._queue: list[_Ticket] = []
        self._held = 0
        self._turn = 0
        # The last turn of each visitor who has asked since the gate was empty.
        self._turns: dict[str, int] = {}
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
        ticket = _Ticket(size, _visitor.get())
        with self._lock:
            ticket.turn = max(self._turn, self._turns.get(ticket.visitor, -1) + 1)
            self._turns[ticket.visitor] = ticket.turn
            insort(self._queue, ticket, key=lambda other: other.turn)
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
        if not self._queue and not self._held:
            self._turns.clear()
            self._turn = 0
        while self._queue and (not self._held or self._held + self._queue[0].size <= self._capacity()):
            ticket = self._queue.pop(0)
            self._turn = ticket.turn
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
