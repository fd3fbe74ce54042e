"""What the History page keeps."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from app.session.state import RoomState

_SECOND_HALF_S = 0.4
"""Seconds after a button has got another meaning within which a click on it is the rest of a double click: nobody has
read it by then. The first half may have kept the server busy, so the time since that one says little.
"""


@dataclass
class HistoryState(RoomState):
    """The operation that was chosen, None for the newest."""

    chosen: int | None = None
    seen: str = ""
    """The undo or redo for which the folder was scanned again, since images had come or gone."""
    meanings: dict[str, tuple[object, float]] = field(default_factory=dict)
    """What each button stands for, and since when, on the monotonic clock, in seconds."""

    def stands_for(self, button: str, meaning: object) -> None:
        """A button is drawn."""
        if self.meanings.get(button, (None, 0.0))[0] != meaning:
            # What is drawn first is not what a click has put there.
            since = time.monotonic() if button in self.meanings else float("-inf")
            self.meanings[button] = meaning, since

    def is_read(self, button: str) -> bool:
        """Whether a button has stood for the same thing long enough to be meant by a click."""
        return time.monotonic() - self.meanings.get(button, (None, float("-inf")))[1] >= _SECOND_HALF_S

    def after_opening(self, *, is_other: bool) -> HistoryState:
        """The same folder has the same history."""
        return HistoryState() if is_other else self
