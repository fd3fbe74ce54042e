"""What the Bulk Ops page keeps."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.session.state import RoomState
from lib.jobs.runner import Job


@dataclass
class BulkState(RoomState):
    """What was asked for last."""

    tool: str = ""
    """Which tool the preview belongs to."""
    preview: Job | None = None
    left_out: set[str] = field(default_factory=set)
    """The images whose changes are not to be made."""
    found: Job | None = None
    """The search whose matches are walked through."""
    told: str = ""
    """The edit whose outcome was told."""
