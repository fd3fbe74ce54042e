"""Which worker of a cluster has which parts, what is to be done again, and what is given up."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from lib.engine.base import TRIES, DataPart, PartDone, Tries

MOST = 2
"""Parts that a worker has at most: one that it makes, and the next."""

_DIED = f"The worker that had it ended, {TRIES} times."

Task = tuple[DataPart, str]
"""A part, and why it is given up ("" where it is to be made)."""


class InFlight:
    """For one thread. `next_part` gives what has not been handed out yet, None where there is no more."""

    def __init__(self, next_part: Callable[[], DataPart | None]) -> None:
        self._next_part = next_part
        self._queues: dict[int, deque[tuple[Any, Task]]] = {}
        self._again: deque[Task] = deque()
        self._tries = Tries()
        self._is_dry = False

    @property
    def refs(self) -> list[Any]:
        """What is waited for."""
        return [ref for queue in self._queues.values() for ref, _ in queue]

    @property
    def is_over(self) -> bool:
        """Nothing is under way, and nothing is left to be handed out."""
        return self._is_dry and not self._again and not any(self._queues.values())

    def hand_out(self, workers: list[int], send: Callable[[int, Task], Any]) -> None:
        """Fills these workers up, round by round. `send` gives what to wait for."""
        for size in range(1, MOST + 1):
            for worker in workers:
                queue = self._queues.setdefault(worker, deque())
                if len(queue) < size and (task := self._next()) is not None:
                    queue.append((send(worker, task), task))

    def _next(self) -> Task | None:
        if self._again:
            return self._again.popleft()
        if self._is_dry:
            return None
        part = self._next_part()
        self._is_dry = part is None
        return None if part is None else (part, "")

    def landed(self, ref: Any, done: PartDone) -> Iterator[PartDone]:
        """A part's end. It is told, unless it is to be tried again."""
        part, reason = self._take(ref)
        if done.ends_job:
            self._is_dry = True
            self._again.clear()
        elif done.reason and not reason:
            self._fail(part, done.reason)
            return
        yield done

    def died(self, worker: int) -> Iterator[PartDone]:
        """A worker has ended. What it was at counts as tried, what waited behind it does not."""
        queue = self._queues.pop(worker, deque())
        for place, (_, (part, reason)) in enumerate(queue):
            if reason and place == 0:
                self._is_dry = True
                yield PartDone(part.number, ends_job=f"Part {part.number} can neither be made nor given up.")
            elif place == 0:
                self._fail(part, _DIED)
            else:
                self._again.appendleft((part, reason))

    def worker_of(self, ref: Any) -> int | None:
        """Whose part it is, None where that worker has ended meanwhile."""
        found = (worker for worker, queue in self._queues.items() if any(ref == one for one, _ in queue))
        return next(found, None)

    def _take(self, ref: Any) -> Task:
        for queue in self._queues.values():
            for entry in queue:
                if entry[0] == ref:
                    queue.remove(entry)
                    return entry[1]
        raise KeyError(ref)

    def _fail(self, part: DataPart, reason: str) -> None:
        self._again.append((part, reason if self._tries.is_enough(part.number) else ""))
