"""What a review gives, for pages and for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.review.findings import SEVERITIES, CheckReport, Finding, Fix, TwinGroup, Unmeasured


@dataclass(frozen=True, slots=True)
class Review:
    """What all checks found, the worst first.

    `names` are the images that were reviewed, `checks` the checks that were made. `found_right` are findings that
    somebody has looked at before and found right. `failed` tells of checks that could not be made at all, why; their
    images are all among `not_measured`. The rest is as in `CheckReport`.
    """

    names: Sequence[str]
    checks: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    found_right: tuple[Finding, ...] = ()
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    groups: tuple[TwinGroup, ...] = ()
    not_measured: tuple[Unmeasured, ...] = ()
    unsure: tuple[Unmeasured, ...] = ()
    ready: Mapping[str, bool] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    reports: Mapping[str, CheckReport] = field(default_factory=dict)
    """What each check gave by itself, so that another review need not make all of them again."""
    more: Mapping[str, int] = field(default_factory=dict)
    """Findings by kind that were counted and not kept: those of many rows."""
    unlisted: int = 0
    """Images that only such findings are about."""

    @property
    def has_errors(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)

    @property
    def clean(self) -> frozenset[str]:
        """The images that were measured by all checks, for sure, without a finding."""
        told = {name for finding in self.findings for name in finding.images}
        unknown = {one.image for one in (*self.not_measured, *self.unsure)}
        return frozenset(self.names) - told - unknown

    def of(self, name: str) -> tuple[Finding, ...]:
        """The findings of a check, or of a kind."""
        return tuple(finding for finding in self.findings if name in (finding.check, finding.kind))


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """By severity, then by rank; what is equal keeps its order."""
    return sorted(findings, key=lambda one: (SEVERITIES.index(one.severity), one.rank))


def as_json(review: Review) -> dict[str, Any]:
    """A review as programs read it: `scores` by image, images by their relative paths."""
    by_image: dict[str, dict[str, float]] = {}
    for name, values in review.scores.items():
        for image, value in values.items():
            by_image.setdefault(image, {})[name] = value
    return {
        "images": len(review.names),
        "checks": list(review.checks),
        "scores": by_image,
        "findings": [_finding(one) for one in review.findings],
        "found_right": len(review.found_right),
        "groups": [{"images": list(one.images), "kind": one.kind, "captions": one.captions} for one in review.groups],
        "not_measured": [_unmeasured(one) for one in review.not_measured],
        "unsure": [_unmeasured(one) for one in review.unsure],
        "ready": dict(review.ready),
        "failed": dict(review.failed),
        "notes": list(review.notes),
        "more": dict(review.more),
    }


def scores_csv(review: Review) -> str:
    """One row an image: its name, each number (empty where it has none), the kinds of its findings."""
    names = sorted(review.scores)
    kinds: dict[str, list[str]] = {}
    for finding in review.findings:
        for image in finding.images:
            kinds.setdefault(image, []).append(finding.kind)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("image", *names, "findings"))
    for image in review.names:
        numbers = (review.scores[name].get(image) for name in names)
        shown = ("" if number is None else f"{number:.10g}" for number in numbers)
        writer.writerow((image, *shown, " ".join(dict.fromkeys(kinds.get(image, ())))))
    return out.getvalue()


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "check": one.check,
        "kind": one.kind,
        "images": list(one.images),
        "severity": one.severity,
        "text": one.text,
        "marked": [list(place) for place in one.marked],
        "fix": None if one.fix is None else _fix(one.fix),
    }


def _fix(fix: Fix) -> dict[str, Any]:
    changes = [{"image": one.name, "before": one.before, "after": one.after} for one in fix.changes]
    return {"label": fix.label, "changes": changes, "aside": list(fix.aside)}


def _unmeasured(one: Unmeasured) -> dict[str, str]:
    return {"image": one.image, "check": one.check, "reason": one.reason}
