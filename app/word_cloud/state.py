"""What the Word Cloud page keeps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from app.session.state import RoomState
from lib.jobs.runner import Job


@dataclass
class WordsState(RoomState):
    """The latest count, and the samples of what was clicked in it."""

    loaded: Job | None = None
    found: Job | None = None
    term: str = ""
    """The word that was clicked, "" where it was something else or of the other side of a comparison."""
    side: str = ""
    """The group that it was clicked in, "" where that was not one of several clouds."""
    beside_picture: bool = False
    """It was clicked in the picture or in the list beside it, not in a chart below."""
    unmarked: Counter[str] = field(default_factory=Counter)
    """How many times the mark of a click was taken away from each list and chart: the next one begins without it."""
