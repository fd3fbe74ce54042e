"""What the Review page keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from app.session.state import AppState, RoomState
from lib.dataset.base import Dataset
from lib.domain import ImageRecord
from lib.jobs.runner import Job
from lib.review import Finding, Review, ReviewSamples
from lib.review.amending import Amended, Amendments

QUICK = ("captions", "trainer", "coverage")
"""The checks that need no vectors and open no picture whole: they are made when the page is opened."""

OF_ROWS = ("captions", "coverage")
"""The checks that read captions alone: those that can be made of a table."""
NOT_OF_ROWS = "Needs image files, and a table has rows: its captions alone are reviewed."

Changed = tuple[ImageRecord | str, ...]
"""Images with another caption than a review saw, or that it did not see, and the names of those that are gone."""

_KEPT = 3
"""Reviews that are kept beside the newest one."""


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """What a review is asked for. `target` is the trainer's name, "" for any."""

    checks: tuple[str, ...] = QUICK
    scorer: str = "own"
    target: str = ""
    trigger: str = ""
    ask_worst: int = 100
    """About how many of the worst a model is asked, where one is."""

    @property
    def is_quick(self) -> bool:
        """True where nobody looks at the pictures."""
        return set(self.checks) <= set(QUICK)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review with the captions that it saw, so that later ones are known. `samples` remember what is found right.

    `amendments` are None of a review by pieces: the captions that it kept do not tell what is usual.
    """

    review: Review
    texts: Mapping[str, str]
    samples: ReviewSamples
    asked: ReviewRequest
    amendments: Amendments | None


@dataclass
class ReviewState(RoomState):
    """Which review is shown, and how far somebody has come with it."""

    asked: ReviewRequest = field(default_factory=ReviewRequest)
    has_begun: bool = False
    """The quick checks were asked for, so that the page opens with something to see."""
    shown: str = ""
    """The job whose result is shown."""
    reviewed: Reviewed | None = None
    earlier: list[Reviewed] = field(default_factory=list)
    """Those before it, the newest last: what they found stands again where an undo brings back what they saw."""
    findings: list[Finding] = field(default_factory=list)
    """All findings since the review, also those that no longer stand: a place among them is never given anew."""
    standing: tuple[int, ...] = ()
    """The places of those that hold of the captions as they are, the worst first."""
    samples: ReviewSamples | None = None
    """The samples with the captions that those are about."""
    changed: Changed = ()
    """What was not as it was reviewed when those were found."""
    up_to: tuple[Dataset, int, str] | None = None
    """The dataset, its version and the review that those are of: where all is the same, nothing is compared."""
    kind: str = ""
    """The kind of findings that is looked at, "check/kind"."""
    at: int = 0
    """The place of the finding that is looked at, among those of its kind that are still open."""
    image: str = ""
    """Which image of the finding is shown large; "" for the one to look at first."""
    settled: set[int] = field(default_factory=set)
    """Places in the review of findings that were dealt with."""
    right: list[int] = field(default_factory=list)
    """Places of those that were found right as they are, in the order in which that was said."""
    ticked: set[int] | None = None
    """Places of findings that are ticked in the grid; None for all that have a fix."""
    is_batch: bool = False
    wanted: int | None = None
    """The place of the finding that is to be looked at next, one of its kind."""
    revision: int = 0
    """Grows when the ticks are changed by something else than a click on one of them."""
    wanted_tab: str = ""
    mending: Job | None = None
    """The operation that goes on, or whose end is still to be told."""
    mended: frozenset[int] = frozenset()
    """Places of the findings that it is about."""

    def after_opening(self, *, is_other: bool) -> Self:
        """Reading the folder again leaves the review as it is: what went is known."""
        return type(self)() if is_other else self

    def image_renamed(self, state: AppState, old: str, new: str) -> None:
        """Its findings are about a name that is gone; the next review has them under the new one."""
        if self.reviewed is not None:
            self.settled |= {place for place, one in enumerate(self.findings) if old in one.images}

    def take_in(self, job: str, reviewed: Reviewed) -> None:
        """Turn to a new review, and to the worst of the kind that was looked at."""
        if self.reviewed is not None:
            self.earlier = [*self.earlier, self.reviewed][-_KEPT:]
        self.shown, self.reviewed, self.asked = job, reviewed, reviewed.asked
        self.settled, self.right, self.findings = set(), [], []
        self.stand_as_reviewed()
        self.look_at(self.kind)

    def stand_as_reviewed(self) -> None:
        """All captions are as the review saw them, so all that it found stands."""
        if self.reviewed is not None:
            self.stand(Amended(self.reviewed.review.findings, self.reviewed.samples), ())

    def stand(self, amended: Amended, changed: Changed) -> None:
        """What was found of the captions as they are, `changed` those that are others than in the review."""
        place = {finding: number for number, finding in enumerate(self.findings)}
        for one in amended.findings:
            if one not in place:
                place[one] = len(self.findings)
                self.findings.append(one)
        self.standing = tuple(dict.fromkeys(place[one] for one in amended.findings))
        self.samples, self.changed = amended.samples, changed

    def look_at(self, kind: str) -> None:
        """Begin with the worst of a kind."""
        self.kind, self.at, self.image, self.ticked = kind, 0, "", None
