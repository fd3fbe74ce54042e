"""In words: how much of the images is measured, and what it takes to measure all."""

from __future__ import annotations

from collections.abc import Sequence

from app.review.kinds import changed_since
from app.review.state import Reviewed, ReviewState
from app.session.state import AppState
from lib import cache
from lib.domain import ImageRecord
from lib.embedding.registry import methods
from lib.records import names_of
from lib.text import counted

_A_SECOND = 40
"""Pictures that are decoded and measured in a second, on two cores."""


def measured_words(state: AppState, records: Sequence[ImageRecord]) -> str:
    """How much of the review's images and of those that came since is measured."""
    reviewed = state.of(ReviewState).reviewed
    if reviewed is None:
        return ""
    # A check that could not be made at all is told in the list, and makes no image unmeasured by the others.
    missing = {one.image for one in reviewed.review.not_measured if one.check not in reviewed.review.failed}
    measured = len(reviewed.review.names) - len(missing)
    came = _came_since(reviewed, records)
    words = f"{measured:,} measured · {len(missing) + came:,} not"
    if reviewed.asked.is_quick:
        # All of them, but not all of each: the list beside says what.
        words = f"{measured:,} captions measured · pictures not"
        words += f" · {counted(came, 'new image')} not" if came else ""
    changed = changed_since(state)
    return f"{words} · {changed:,} changed since" if changed else words


def _came_since(reviewed: Reviewed, records: Sequence[ImageRecord]) -> int:
    """How many images in scope the review did not see. A table that is reviewed by pieces has the rows that it had."""
    if reviewed.amendments is None:
        return 0
    seen = reviewed.texts
    return sum(name not in seen for name in names_of(records))


def takes_words(records: Sequence[ImageRecord]) -> str:
    """What it takes to look at the pictures, in words."""
    seconds = len(records) / _A_SECOND
    about = "less than a minute" if seconds < 60 else f"about {counted(round(seconds / 60), 'minute')}"
    models = [cache.embedder(name) for name in methods("images")]
    model = next((one.label for one in models if one.is_here()), "")
    by = f" Pictures are compared by {model}." if model else " There is no model for pictures here."
    return f"Fit, near-duplicates and pictures: {about} the first time, then only what changed.{by}"
