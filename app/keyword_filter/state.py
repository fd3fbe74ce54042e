"""What the Keyword Filter page keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.session.state import RoomState


@dataclass
class FilterState(RoomState):
    """The filter that is about to be saved, and the one that has just gone."""

    name_taken: str = ""
    """A name under which another filter is kept already, while it is asked what to do."""
    deleted: tuple[str, Mapping[str, str]] | None = None
    """The filter that was deleted last, with what it holds, so that it can be brought back."""
