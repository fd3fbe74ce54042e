"""What a check is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from lib.progress import Progress
from lib.review.findings import CheckReport
from lib.review.samples import ReviewSamples


class Check(ABC):
    """Something that a dataset can be asked. Pure but for what the samples keep for it."""

    label: ClassVar[str]
    """What people choose it by."""
    about: ClassVar[str]
    """What it looks for, in a line or two."""
    kinds: ClassVar[Mapping[str, str]]
    """The kinds of its findings by name, each with the words that stand beside their count."""
    steps: ClassVar[int] = 1
    """Its weight in the progress of a review that makes several checks."""

    @abstractmethod
    def run(self, samples: ReviewSamples, progress: Progress) -> CheckReport:
        """All that it finds. Raises Cancelled, and what an embedder or a captioner raises that stops a run."""
