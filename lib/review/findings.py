"""What a check gives: findings with a reason, and a fix where there is a safe one. Values, no work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lib.bulk.base import Change

Severity = Literal["error", "warning", "hint"]
"""An error spoils a training or loses samples, a warning is most likely a fault, a hint is worth a look."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "hint")

Subject = Literal["sample", "picture", "caption"]
"""What a finding is about: once that was found right, it comes back when that changes."""


@dataclass(frozen=True, slots=True)
class Fix:
    """What would mend a finding: captions that change, and images that are set aside with their captions.

    `label` is what its button says, an order: "Give each tag once". Nothing is done by making one. Where it is not
    `is_sure` both ways may be right, so that it is carried out one by one, or where somebody has ticked it.
    """

    label: str
    changes: tuple[Change, ...] = ()
    aside: tuple[str, ...] = ()
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or may be.

    `check` is the check's name, `kind` one of its `kinds`. `images` are their names, the one to look at first first.
    `text` is a sentence for people with the reason; it may quote captions, so it is foreign text. `marked` are the
    places (start, end) in the first image's caption that are to blame. `rank` orders findings of a severity: the worst
    first, so the smallest.
    """

    check: str
    kind: str
    images: tuple[str, ...]
    severity: Severity
    text: str
    fix: Fix | None = None
    marked: tuple[tuple[int, int], ...] = ()
    rank: float = 0.0
    subject: Subject = "sample"


@dataclass(frozen=True, slots=True)
class TwinGroup:
    """Images that are nearly the same. `kind` is how alike they are: "equal", "alike", "mirrored" or "crop".

    `captions` says how their captions stand to one another: they "agree", one "adds" to the other, they "contradict",
    or but one of them has any ("lacks").
    """

    images: tuple[str, ...]
    kind: str
    captions: str


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """An image that a check has nothing to say of, with the reason. It is not clean: nobody knows."""

    image: str
    check: str
    reason: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What one check found.

    `scores` holds numbers by name ("agreement", "blur") and image, for sorting and queries. `unsure` are images that
    were measured without a clear answer. `ready` says of each trainer whether it could read the dataset as it is.
    `notes` are sentences about the check as a whole: by which model, how many false ones to expect.
    """

    findings: Sequence[Finding] = ()
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    groups: Sequence[TwinGroup] = ()
    not_measured: Sequence[Unmeasured] = ()
    unsure: Sequence[Unmeasured] = ()
    ready: Mapping[str, bool] = field(default_factory=dict)
    notes: Sequence[str] = ()
