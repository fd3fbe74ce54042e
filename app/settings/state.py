"""What the Settings page keeps."""

from __future__ import annotations

from dataclasses import dataclass

from app.session.state import RoomState
from lib.jobs.runner import Job


@dataclass
class SettingsState(RoomState):
    """What was looked at last, and which cache is to be cleared once that is confirmed."""

    survey: Job | None = None
    asked: str = ""
    clearing: Job | None = None

    def after_opening(self, *, is_other: bool) -> SettingsState:
        """None of it is about the open folder."""
        return self
