"""What a scorer is: pictures and captions in, how well they fit out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lib.progress import Progress
from lib.review.findings import Unmeasured
from lib.review.samples import ReviewSamples

if TYPE_CHECKING:
    import numpy as np

NAME = "agreement"
"""The check's name, for what is told of images that it has nothing to say of."""


@dataclass(frozen=True, slots=True)
class CaptionFit:
    """How one caption fits its picture.

    `score` is comparable within one run only: the higher, the better. `better_than_random` is the share (0 to 1) of
    captions drawn at random that fit no better; 0.5 or less is no better than chance. `worst` is the sentence
    (start, end) that fits worst, `sentences` how many there are. `reason`: a sentence that tells why, where the
    scorer knows better than by the numbers.
    """

    image: str
    score: float
    better_than_random: float
    worst: tuple[int, int]
    sentences: int = 1
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AgreementScores:
    """What a scorer gives. `is_weak`: too little was learnt to call anything more than a hint."""

    fits: tuple[CaptionFit, ...] = ()
    not_measured: tuple[Unmeasured, ...] = ()
    unsure: tuple[Unmeasured, ...] = ()
    notes: tuple[str, ...] = ()
    is_weak: bool = False


class Scorer(ABC):
    """One way to tell how well captions fit."""

    label: ClassVar[str]
    """What people choose it by."""
    about: ClassVar[str]
    """What it needs and how well it does, in a line or two."""
    asks: ClassVar[bool] = False
    """True where a model that writes captions is asked, which has to be chosen."""

    @abstractmethod
    def score(self, samples: ReviewSamples, progress: Progress) -> AgreementScores:
        """Scores of all samples that can be scored. Raises Cancelled, and what its model raises that stops a run."""


def percentiles(values: np.ndarray) -> np.ndarray:
    """The share of the others that are smaller, 0 to 100, of shape (n,); equal values have their mean."""
    import numpy as np

    if len(values) < 2:
        return np.full(len(values), 100.0)
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values, side="left")
    upto = np.searchsorted(ordered, values, side="right")
    return np.asarray((below + upto - 1) / 2 / (len(values) - 1) * 100)
