"""Looks on while work is done, writes down what it is told, and stops the work when a test wishes."""

from __future__ import annotations

from collections.abc import Callable


class Onlooker:
    """A `lib.progress.Progress`. `told` are all (done, total), `asked` counts the questions whether to stop."""

    def __init__(self, stop: Callable[[Onlooker], bool] = lambda who: False) -> None:
        self.told: list[tuple[int, int]] = []
        self.asked = 0
        self._stop = stop

    def advance(self, done: int, total: int) -> None:
        self.told.append((done, total))

    def is_cancelled(self) -> bool:
        self.asked += 1
        return self._stop(self)


def stop_at(question: int) -> Onlooker:
    """Stops the work from its n-th question on, the first being 1."""
    return Onlooker(lambda who: who.asked >= question)
