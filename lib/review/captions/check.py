"""Captions by themselves, whatever their pictures show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from lib.progress import Progress
from lib.review.base import Check
from lib.review.findings import CheckReport, Finding
from lib.review.samples import ReviewSamples


class CaptionsCheck(Check):
    """Reads each caption once."""

    label = "Captions"
    about = "Captions that are missing, cut off, too long, or hold what does not belong there."
    kinds: ClassVar[Mapping[str, str]] = {"empty": "without a word"}

    def run(self, samples: ReviewSamples, progress: Progress) -> CheckReport:
        return CheckReport([finding for record in samples.records if (finding := empty(record.name, record.text))])


def empty(image: str, text: str) -> Finding | None:
    """A caption without a word in it, or none at all."""
    if text.strip():
        return None
    return Finding("captions", "empty", (image,), "error", "There is no caption.")
