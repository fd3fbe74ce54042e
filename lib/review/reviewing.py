"""A review: each check in turn, and what came of it put together."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from lib.errors import MemoryShort, MissingDependency, ModelUnavailable, ProviderError, ToolkitError, WriteFailed
from lib.last_review import LastReviews
from lib.progress import NOBODY, Portion, Progress
from lib.review.findings import CheckReport, Finding, Unmeasured
from lib.review.folding import folded
from lib.review.registry import CHECKS, checks_named
from lib.review.result import Review, worst_first
from lib.review.samples import ReviewSamples, raise_if_cancelled
from lib.review.ways_out import with_way_out

_log = logging.getLogger(__name__)

_NEEDS_NONE = "What captions tell, and what a trainer needs, is reviewed without a model."

_A_STEP = 1_000
"""A check's progress is told in thousandths of its weight, whatever it counts itself."""


def review(
    samples: ReviewSamples, checks: Sequence[str] = (), progress: Progress = NOBODY, before: Review | None = None
) -> Review:
    """Makes the checks of these names, or all. One whose model is missing or refuses is told in `failed`, and the
    others go on.

    With a review of the same samples `before`, what its other checks said stays, and the checks are made beside them.
    What it found is kept for queries. Raises InvalidInput for an unknown check, Cancelled, and DatabaseFailed.
    """
    names = checks_named(tuple(checks))
    kinds = [CHECKS[name] for name in names]
    known = {} if before is None else {name: one for name, one in before.reports.items() if name not in names}
    total = _A_STEP * sum(kind.steps for kind in kinds)
    reports: dict[str, CheckReport] = {**known}
    failed = {name: why for name, why in (before.failed if before is not None else {}).items() if name in known}
    done = 0
    samples.measures_too = "pictures" in names
    for name, kind in zip(names, kinds, strict=True):
        raise_if_cancelled(progress)
        weight = _A_STEP * kind.steps
        try:
            reports[name] = kind().run(samples, _Scaled(Portion(progress, done, total), weight))
        except (MissingDependency, ModelUnavailable, MemoryShort, ProviderError) as error:
            failed[name] = str(with_way_out(error, _NEEDS_NONE))
            reports[name] = _nothing_measured(name, samples, error)
        done += weight
        progress.advance(done, total)
    names = tuple(name for name in CHECKS if name in reports)
    found = _together(samples, names, reports, failed, progress)
    _keep(samples, found)
    return found


def _keep(samples: ReviewSamples, found: Review) -> None:
    """A review that cannot be kept is a review all the same: it says so in the log."""
    findings = [(one.check, one.kind, one.severity, one.images) for one in found.findings]
    made = [name for name in found.checks if name not in found.failed]
    captions = {record.name: record.text for record in samples.records}
    try:
        LastReviews(samples.settings.home).add(samples.root, found.names, made, found.scores, findings, captions)
    except WriteFailed as error:
        _log.warning("%s", error)


def judge_right(samples: ReviewSamples, findings: Sequence[Finding], *, right: bool = True) -> None:
    """Remembers that findings were looked at and found right, or forgets it. Raises DatabaseFailed."""
    contents = [samples.content_of(finding, NOBODY) for finding in findings]
    samples.kept.judge(samples.root, contents, right=right)


@dataclass(frozen=True, slots=True)
class _Scaled:
    """A check's own count of items as a portion of its weight."""

    whole: Progress
    weight: int
    _last: list[int] = field(default_factory=lambda: [0])

    def advance(self, done: int, total: int) -> None:
        # A check that embeds first and measures then counts twice: the bar never goes back.
        self._last[0] = max(self._last[0], self.weight * min(done, total) // total if total else 0)
        self.whole.advance(self._last[0], self.weight)

    def is_cancelled(self) -> bool:
        return self.whole.is_cancelled()


def _nothing_measured(name: str, samples: ReviewSamples, error: ToolkitError) -> CheckReport:
    return CheckReport(not_measured=[Unmeasured(record.name, name, error.message) for record in samples.records])


def _together(
    samples: ReviewSamples,
    names: tuple[str, ...],
    reports: dict[str, CheckReport],
    failed: dict[str, str],
    progress: Progress,
) -> Review:
    right = samples.kept.found_right(samples.root)
    everything = [finding for name in names for finding in reports[name].findings]
    findings = worst_first(everything if samples.options.targets else folded(everything, names))
    seen = {id(one) for one in findings if right and samples.content_of(one, progress) in right}
    every = [reports[name] for name in names]
    return Review(
        names=tuple(record.name for record in samples.records),
        checks=names,
        findings=tuple(one for one in findings if id(one) not in seen),
        found_right=tuple(one for one in findings if id(one) in seen),
        scores={name: values for report in every for name, values in report.scores.items()},
        groups=tuple(group for report in every for group in report.groups),
        not_measured=tuple(one for report in every for one in report.not_measured),
        unsure=tuple(one for report in every for one in report.unsure),
        ready={target: is_ready for report in every for target, is_ready in report.ready.items()},
        failed=failed,
        notes=[note for report in every for note in report.notes],
        reports=reports,
    )
