"""What the History page keeps."""

from __future__ import annotations

from dataclasses import dataclass

from app.session.state import RoomState


@dataclass
class HistoryState(RoomState):
    """The operation that was chosen, None for the newest."""

    chosen: int | None = None
    seen: str = ""
    """The undo or redo for which the folder was scanned again, since images had come or gone."""

    def after_opening(self, *, is_other: bool) -> HistoryState:
        """The same folder has the same history."""
        return HistoryState() if is_other else self
