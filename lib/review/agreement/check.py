"""Agreement of pictures and captions, worst first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from lib.errors import MissingDependency, ModelUnavailable
from lib.progress import Progress
from lib.review.agreement.base import NAME, AgreementScores, CaptionFit, percentiles
from lib.review.agreement.joint_map import narrowed
from lib.review.agreement.registry import SCORERS
from lib.review.agreement.repeated import repeated_captions
from lib.review.agreement.systematic import systematic_words
from lib.review.base import Check
from lib.review.findings import CheckReport, Finding
from lib.review.samples import ReviewSamples, raise_if_cancelled

if TYPE_CHECKING:
    import numpy as np

NO_BETTER = 0.5
"""A caption that fits better than no more than this share of captions drawn at random is worth a look."""
LIKELY_WRONG = 0.3
"""And this is most likely a wrong one: of 1,900 right ones six are among them, of 190 wrong ones a third."""


class AgreementCheck(Check):
    """Asks the scorer that was chosen."""

    label = "Agreement"
    about = "Captions that do not fit their picture, worst first."
    kinds: ClassVar[Mapping[str, str]] = {
        "misfit": "do not fit their picture",
        "sentence": "with a sentence that does not fit",
        "same_caption": "one caption under many pictures",
        "systematic": "one word that does not fit a kind of picture",
    }
    steps = 4

    def run(self, samples: ReviewSamples, progress: Progress) -> CheckReport:
        import numpy as np

        scorer = SCORERS[samples.options.scorer]()
        found = scorer.score(samples, progress)
        ranks = percentiles(np.asarray([fit.score for fit in found.fits]))
        scores = {fit.image: round(float(rank), 2) for fit, rank in zip(found.fits, ranks, strict=True)}
        findings = [*_misfits(found, scores), *_of_the_whole(samples, progress)]
        return CheckReport(
            findings, {NAME: scores}, not_measured=found.not_measured, unsure=found.unsure, notes=found.notes
        )


def _misfits(found: AgreementScores, scores: Mapping[str, float]) -> Iterator[Finding]:
    for fit in found.fits:
        if fit.better_than_random > NO_BETTER:
            continue
        is_likely = fit.better_than_random <= LIKELY_WRONG and not found.is_weak
        yield Finding(
            NAME,
            "sentence" if fit.sentences > 1 else "misfit",
            (fit.image,),
            "warning" if is_likely else "hint",
            _reason(fit, scores[fit.image]),
            marked=(fit.worst,) if fit.sentences > 1 else (),
            rank=scores[fit.image],
        )


def _reason(fit: CaptionFit, percentile: float) -> str:
    if fit.reason:
        return fit.reason
    what = "One sentence of its caption fits" if fit.sentences > 1 else "The caption fits"
    as_good = round(100 * (1 - fit.better_than_random))
    return (
        f"{what} the picture no better than one drawn at random: {as_good} of 100 of those would do as well."
        f" It is among the worst {max(percentile, 0.1):.3g} %."
    )


def _of_the_whole(samples: ReviewSamples, progress: Progress) -> Iterator[Finding]:
    """What is wrong with many captions in the same way."""
    pictures = _pictures(samples, progress)
    yield from repeated_captions(samples, pictures)
    records = [record for record in samples.captioned if record.name in pictures]
    if records:
        import numpy as np

        vectors = narrowed(np.stack([pictures[record.name] for record in records]))
        yield from systematic_words(records, vectors, partial(raise_if_cancelled, progress))


def _pictures(samples: ReviewSamples, progress: Progress) -> dict[str, np.ndarray]:
    """The vector of each picture, none where no model for them is here: the scorer may have one of its own."""
    try:
        found = samples.pictures(progress)
    except (ModelUnavailable, MissingDependency):
        return {}
    return dict(zip(found.names, found.vectors[0 : len(found.names)], strict=True))
