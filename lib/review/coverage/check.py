"""What a dataset shows often, rarely and never together: hints, since only its maker knows what is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from lib.progress import Progress
from lib.review.base import Check
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
        "one_sided": "that say the same",
        "once": "with a tag that no other has",
        "apart": "of pairs that never meet",
    }

    def run(self, samples: ReviewSamples, progress: Progress) -> CheckReport:
        trigger = samples.options.trigger or guessed(samples.captioned)
        found = coverage_of(samples.records, (trigger,) if trigger else ())
        notes = [f"{counted(len(found.counts), 'tag' if found.are_tags else 'word')} in {found.captions:,} captions."]
        return CheckReport(list(_findings(found)) if found.captions >= _FEWEST else (), notes=notes)


def _findings(found: Coverage) -> Iterator[Finding]:
    for term, count in found.in_most(_MOST):
        if count <= _ALL * found.captions:
            text = f"“{term}” is in {count / found.captions:.0%} of the captions: what is else shown is rare beside it."
            yield Finding("coverage", "one_sided", found.where[term], "hint", text, rank=-count, subject="caption")
    once = found.in_few(1) if found.are_tags else []
    if once:
        names = tuple(dict.fromkeys(name for term, _ in once for name in found.where[term]))
        some = ", ".join(f"“{term}”" for term, _ in once[:5])
        more = f" and {len(once) - 5:,} more" if len(once) > 5 else ""
        text = f"{counted(len(once), 'tag')} in one caption each, too few to learn from: {some}{more}."
        yield Finding("coverage", "once", names, "hint", text, subject="caption")
    for pair in found.apart[:_PAIRS]:
        text = (
            f"“{pair.first}” and “{pair.second}” are never said together; by chance {pair.expected:.0f} captions would."
        )
        names = min(found.where[pair.first], found.where[pair.second], key=len)
        yield Finding("coverage", "apart", names, "hint", text, rank=-pair.expected, subject="caption")
