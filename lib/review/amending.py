"""A review after captions were edited, or brought back: what needs captions alone is measured again, and nothing else.

What was found of captions that are again as they were measured stands again, so an undo brings back all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from lib.domain import ImageRecord
from lib.progress import NOBODY, Progress
from lib.review.captions.among_others import judged_together
from lib.review.captions.by_itself import Judge, judge_of
from lib.review.findings import Finding
from lib.review.folding import folded
from lib.review.pictures.headers import headers
from lib.review.result import Review, worst_first
from lib.review.samples import ReviewSamples, raise_if_cancelled
from lib.review.trainers.check import rules_broken
from lib.review.trainers.rules import TrainingFolder

ANEW = ("captions", "trainer")
"""The checks that are made again: they read captions, and headers that are known."""
FEW = 8
"""Images of a finding up to which another caption of one of them may have mended it."""

Earlier = Sequence[tuple[Review, ReviewSamples]]
"""Reviews with the samples that they saw, the newest last."""
There = Mapping[str, ImageRecord]
"""The images that are there, by name."""


@dataclass(frozen=True, slots=True)
class Amended:
    """What holds now, the worst first; `samples` have the captions of now, to remember what is found right."""

    findings: tuple[Finding, ...]
    samples: ReviewSamples


def same_caption(one: ImageRecord, other: ImageRecord) -> bool:
    """Whether an image has the caption that it had."""
    return one.text == other.text and one.state == other.state


class Amendments:
    """What is kept of one review's samples to bring it up to edits. For one thread at a time."""

    def __init__(self, samples: ReviewSamples) -> None:
        self._seen = samples

    def of(
        self, review: Review, now: Sequence[ImageRecord], earlier: Earlier = (), progress: Progress = NOBODY
    ) -> Amended:
        """The findings of a review for the images and captions of `now`.

        `earlier` reviews tell what needs more than captions, where a caption is again as they saw it.
        Raises Cancelled, and DatabaseFailed.
        """
        samples = self._seen.with_records(now)
        there = {record.name: record for record in now}
        changed = {record.name for record in now if not is_as_seen(self._seen, record)}
        made = [name for name in ANEW if name in review.checks and name not in review.failed]
        kept = [one for one in review.findings if one.check not in made and _holds(one, there, changed)]
        kept += _brought_back(earlier, review, there, changed, kept)
        if "captions" in made:
            kept += self._captions(review, now, changed, progress)
        if "trainer" in made:
            kept += self._trainer(samples, changed, progress)
        findings = kept if samples.options.targets else folded(kept, review.checks)
        return Amended(tuple(worst_first(list(_not_right(findings, review, samples, progress)))), samples)

    @cached_property
    def _judge(self) -> Judge:
        """What captions are measured by stays what it was in the review, or every edit would move all findings."""
        return judge_of(self._seen)

    @cached_property
    def _together(self) -> Collection[Finding]:
        return set(judged_together(self._seen.records, self._judge))

    def _captions(
        self, review: Review, now: Sequence[ImageRecord], changed: Collection[str], progress: Progress
    ) -> Iterator[Finding]:
        there = {record.name: record for record in now}
        for one in review.findings:
            if one.check == "captions" and one not in self._together and _holds(one, there, changed):
                yield one
        for record in now:
            if record.name in changed:
                raise_if_cancelled(progress)
                yield from self._judge.of_caption(record)
        yield from judged_together(now, self._judge)

    def _trainer(self, samples: ReviewSamples, changed: Collection[str], progress: Progress) -> Sequence[Finding]:
        found, refused = headers(samples, progress)
        known = {name: is_utf8 for name, is_utf8 in self._utf8.items() if name not in changed}
        folder = TrainingFolder(samples.root, samples.records, found, refused, known)
        return rules_broken(folder, samples.options.targets)[0]

    @cached_property
    def _utf8(self) -> Mapping[str, bool]:
        """Of each image whether its tag file is UTF-8: they are not read again for one that was edited."""
        odd = set(TrainingFolder(self._seen.root, self._seen.records, {}, {}).not_utf8)
        return {record.name: record.name not in odd for record in self._seen.records}


def is_as_seen(samples: ReviewSamples, record: ImageRecord) -> bool:
    """Whether an image is among these, with the caption that it has there."""
    return samples.has(record.name) and same_caption(record, samples.record(record.name))


def _holds(finding: Finding, there: There, changed: Collection[str]) -> bool:
    """Whether a finding is about images and captions as they were; one about a great part of a set outlasts an edit."""
    if len(finding.images) > FEW:
        return any(name in there for name in finding.images)
    reads = finding.subject != "picture"
    return all(name in there and not (reads and name in changed) for name in finding.images)


def _brought_back(
    earlier: Earlier, review: Review, there: There, changed: Collection[str], kept: Sequence[Finding]
) -> Iterator[Finding]:
    """What an earlier review found of captions and pictures that are again as it saw them.

    What is said of a great part of a set is said once: the newest review's words stand.
    """
    known = set(kept)
    at_large = {(one.check, one.kind) for one in kept if len(one.images) > FEW}
    for old, samples in reversed(earlier):
        again = {name for name in changed if is_as_seen(samples, there[name])}
        changed = set(changed) - again
        about = [one for one in old.findings if one.check not in ANEW and not again.isdisjoint(one.images)]
        for one in about:
            is_told = len(one.images) > FEW and (one.check, one.kind) in at_large
            if one.check in review.checks and one not in known and not is_told and _is_as_then(one, samples, there):
                known.add(one)
                yield one


def _is_as_then(finding: Finding, samples: ReviewSamples, there: There) -> bool:
    names = [name for name in finding.images if name in there and samples.has(name)]
    same = finding.subject == "picture" or all(is_as_seen(samples, there[name]) for name in names)
    return same and len(names) == len(finding.images)


def _not_right(
    findings: Sequence[Finding], review: Review, samples: ReviewSamples, progress: Progress
) -> Iterator[Finding]:
    right = samples.kept.found_right(samples.root)
    # What was found right since that review is known to whoever shows it.
    told = set(review.findings) if right else set()
    yield from (one for one in findings if not right or one in told or samples.content_of(one, progress) not in right)
