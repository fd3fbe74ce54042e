"""What the Keyword Filter page keeps."""

from __future__ import annotations

from dataclasses import dataclass

from app.session.state import RoomState


@dataclass
class FilterState(RoomState):
    """The filter that is about to be saved."""

    name_taken: str = ""
    """A name under which another filter is kept already, while it is asked what to do."""
