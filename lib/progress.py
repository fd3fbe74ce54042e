"""How long work says how far it is, and hears that it is to stop."""

from __future__ import annotations

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
