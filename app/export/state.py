"""What the Export page keeps, where imports are made too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from app.session.state import RoomState
from lib.jobs.runner import Job


@dataclass
class ImportState(RoomState):
    """What of an import was taken in already."""

    uploaders: int = 0
    """How many times the upload box was emptied: each time it is a new one."""
    seen: str = ""
    """The import for which the open folder was scanned again."""
    undone: str = ""
    """The undo of an import for which it was."""

    asked: str = ""
    """The import that this session began last."""
    handed_over: str = ""
    """The import of what the start page handed over, until it is opened."""
    is_leaving: bool = False
    """What was imported was just opened: the page is to show it."""

    looked: Job | None = None
    """The last look at a source, which this session alone keeps: it holds on to an upload."""

    def after_opening(self, *, is_other: bool) -> Self:
        """An import may go into any folder."""
        return self
