"""A review of the captions of more rows than can be held as records: piece by piece, the worst of each kind kept."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Sequence

from lib.domain import ImageRecord
from lib.errors import WriteFailed
from lib.last_review import LastReviews
from lib.progress import NOBODY, Portion, Progress
from lib.record_columns import ColumnRecords
from lib.records import named, names_of
from lib.review.captions.check import CaptionsCheck
from lib.review.findings import Finding
from lib.review.result import Review, worst_first
from lib.review.samples import ReviewSamples, raise_if_cancelled

_log = logging.getLogger(__name__)

MANY = 100_000
"""Rows up to which all are reviewed at once: findings are objects, and a record each takes 600 bytes."""
PIECE = 20_000
"""Rows that are reviewed together: what is usual among captions is found in each piece."""
KEPT = 2_000
"""Images of each kind of findings that are kept; of a larger finding at least one."""
CHECK = "captions"


def many_rows(records: Sequence[ImageRecord]) -> ColumnRecords | None:
    """The rows of a table that are too many to be reviewed at once, None for any others."""
    return records if isinstance(records, ColumnRecords) and records.is_table and len(records) > MANY else None


def review_by_pieces(samples: ReviewSamples, rows: ColumnRecords, progress: Progress = NOBODY) -> Review:
    """Makes the check of captions, of pieces of the rows; `samples` is given those that findings are about.

    What is told of a kind beyond the worst is counted in `more`. Raises Cancelled, and DatabaseFailed.
    """
    right = samples.kept.found_right(samples.root)
    found, seen, notes = _WorstOfEachKind(), _WorstOfEachKind(), dict[str, None]()
    faulty = 0
    for start in range(0, len(rows), PIECE):
        raise_if_cancelled(progress)
        piece = samples.with_records(rows[start : start + PIECE])
        report = CaptionsCheck().run(piece, Portion(progress, start, len(rows)))
        known = [one for one in report.findings if right and piece.content_of(one, progress) in right]
        ids = set(map(id, known))
        seen.add(known)
        news = [one for one in report.findings if id(one) not in ids]
        faulty += len({name for one in news for name in one.images})
        found.add(news)
        notes |= dict.fromkeys(report.notes)
    progress.advance(len(rows), len(rows))
    findings, found_right = worst_first(found.kept()), worst_first(seen.kept())
    about = {name for one in (*findings, *found_right) for name in one.images}
    samples.records = tuple(named(rows, about))
    made = Review(
        names=rows.names,
        checks=(CHECK,),
        findings=tuple(findings),
        found_right=tuple(found_right),
        notes=[*notes, *_told(len(rows), found.more)],
        more=dict(found.more),
        unlisted=faulty - len({name for one in findings for name in one.images}),
    )
    _keep(samples, rows, made)
    return made


def _told(count: int, more: Counter[str]) -> list[str]:
    said = [f"{count:,} captions were read in pieces of {PIECE:,}; what is usual was found in each piece."]
    if more:
        said.append(f"Of each kind the worst {KEPT:,} are listed; {sum(more.values()):,} more findings are counted.")
    return said


def _keep(samples: ReviewSamples, rows: ColumnRecords, found: Review) -> None:
    """Keeps what was found for queries; of rows without a finding nothing."""
    last = LastReviews(samples.settings.home)
    before = last.load(samples.root)
    images = {record.name for record in samples.records}
    if before is not None:
        images |= set(names_of(named(rows, before.images)))
    findings = [(one.check, one.kind, one.severity, one.images) for one in found.findings]
    captions = {record.name: record.text for record in samples.records}
    try:
        last.add(samples.root, images, (CHECK,), {}, findings, captions)
    except WriteFailed as error:
        _log.warning("%s", error)


class _WorstOfEachKind:
    """Findings, those of a kind that are about more than `KEPT` images cut now and then."""

    def __init__(self) -> None:
        self._by_kind: defaultdict[str, list[Finding]] = defaultdict(list)
        self.more: Counter[str] = Counter()

    def add(self, findings: Sequence[Finding]) -> None:
        for one in findings:
            self._by_kind[one.kind].append(one)
        for kind, mine in self._by_kind.items():
            kept = _cut(mine)
            if len(kept) < len(mine):
                self.more[kind] += len(mine) - len(kept)
                self._by_kind[kind] = kept

    def kept(self) -> list[Finding]:
        return [one for mine in self._by_kind.values() for one in mine]


def _cut(findings: list[Finding]) -> list[Finding]:
    if sum(len(one.images) for one in findings) <= KEPT:
        return findings
    kept: list[Finding] = []
    left = KEPT
    for one in worst_first(findings):
        if kept and len(one.images) > left:
            break
        kept.append(one)
        left -= len(one.images)
    return kept
