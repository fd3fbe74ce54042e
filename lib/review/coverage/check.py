"""What a dataset shows often, rarely and never together: hints, since only its maker knows what is wanted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from lib.bulk.tag_text import all_tags
from lib.domain import ImageRecord
from lib.progress import Progress
from lib.review.base import Check
from lib.review.captions.tags import places_of
from lib.review.captions.trigger import guessed
from lib.review.coverage.terms import Coverage, coverage_of
from lib.review.findings import CheckReport, Finding
from lib.review.samples import ReviewSamples
from lib.text import counted

_FEWEST = 20
_MOST, _ALL = 0.5, 0.98
_PAIRS = 10


class CoverageCheck(Check):
    """Counts terms and pairs of terms."""

    label = "Coverage"
    about = "What the captions say nearly always, once only, and never together."
    kinds: ClassVar[Mapping[str, str]] = {
        "one_sided": "with a tag or word that most have",
        "once": "with a tag that no other has",
        "apart": "of pairs that never meet",
    }

    def run(self, samples: ReviewSamples, progress: Progress) -> CheckReport:
        trigger = samples.options.trigger or guessed(samples.captioned)
        found = coverage_of(samples.records, (trigger,) if trigger else ())
        notes = [f"{counted(len(found.counts), 'tag' if found.are_tags else 'word')} in {found.captions:,} captions."]
        if len(found.apart) > _PAIRS:
            notes.append(f"{len(found.apart):,} pairs never meet: the {_PAIRS} that chance would join most are told.")
        return CheckReport(list(_findings(found, samples.records)) if found.captions >= _FEWEST else (), notes=notes)


def _findings(found: Coverage, records: Sequence[ImageRecord]) -> Iterator[Finding]:
    for term, count in found.in_most(_MOST):
        if count <= _ALL * found.captions:
            text = f"“{term}” is in {count / found.captions:.0%} of the captions: what is else shown is rare beside it."
            yield Finding("coverage", "one_sided", found.where[term], "hint", text, rank=-count, subject="caption")
    if found.are_tags:
        yield from _alone(found, records)
    for pair in found.apart[:_PAIRS]:
        text = (
            f"“{pair.first}” and “{pair.second}” are never said together; by chance {pair.expected:.0f} captions would."
        )
        names = min(found.where[pair.first], found.where[pair.second], key=len)
        yield Finding("coverage", "apart", names, "hint", text, rank=-pair.expected, subject="caption")


def _alone(found: Coverage, records: Sequence[ImageRecord]) -> Iterator[Finding]:
    """One finding for each image with tags that no other has, the most such tags first."""
    of_image: defaultdict[str, list[str]] = defaultdict(list)
    for term, _ in found.in_few(1):
        of_image[found.where[term][0]].append(term)
    for record in records:
        if terms := of_image.get(record.name):
            written = [tag for tag in dict.fromkeys(all_tags(record.text)) if tag.casefold().replace("_", " ") in terms]
            named = ", ".join(f"“{tag}”" for tag in written)
            text = f"{named} {'is' if len(written) == 1 else 'are'} in no other caption: too little to learn from."
            marked = tuple(sorted(place for tag in written for place in places_of(tag, record.text)))
            yield Finding(
                "coverage", "once", (record.name,), "hint", text, marked=marked, rank=-len(written), subject="caption"
            )
