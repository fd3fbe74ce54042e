"""How long work says how far it is, and hears that it is to stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Progress(Protocol):
    """What looks on while work is done. A `lib.jobs.runner.Job` is one."""

    def advance(self, done: int, total: int) -> None:
        """So many items are done, of so many (0: nobody knows)."""

    def is_cancelled(self) -> bool:
        """True once the work is to stop at its next item."""


class _Nobody:
    def advance(self, done: int, total: int) -> None:
        pass

    def is_cancelled(self) -> bool:
        return False


NOBODY: Progress = _Nobody()
"""Looks on where nobody does."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Tells of a portion of some work as of the whole: it begins after `before` of `total` items."""

    whole: Progress
    before: int
    total: int

    def advance(self, done: int, total: int) -> None:
        self.whole.advance(self.before + done, self.total)

    def is_cancelled(self) -> bool:
        return self.whole.is_cancelled()
