"""Own captions: what fits is learnt from the dataset itself, so nothing is downloaded for it and no key is needed."""

from __future__ import annotations

from functools import partial

from lib.domain import Outcome
from lib.embedding.hashes import text_key
from lib.progress import Progress
from lib.review.agreement.base import NAME, AgreementScores, Scorer
from lib.review.agreement.joint_map import narrowed
from lib.review.agreement.kept_fit import pair_keys, steady
from lib.review.agreement.out_of_fold import FitScores, fit_scores
from lib.review.agreement.sentence_rows import no_captions, picture_rows, sentence_rows
from lib.review.findings import Unmeasured
from lib.review.samples import ReviewSamples, raise_if_cancelled

FEWEST = 30
"""Pairs below which nothing can be learnt."""
_WEAK = 100
"""Pairs below which what was learnt is a hint at most."""


class OwnCaptions(Scorer):
    """The caption is held against a map from pictures to captions that was learnt from the other samples."""

    label = "The dataset's own captions"
    about = (
        "Learns what fits from the samples themselves. No download, no key. The more samples, the better: of captions"
        " that were exchanged it ranks nine in ten below the others at 2,000, somewhat fewer at 300."
    )

    def score(self, samples: ReviewSamples, progress: Progress) -> AgreementScores:
        pictures = samples.pictures(progress)
        place = {name: row for row, name in enumerate(pictures.names)}
        records = [record for record in samples.captioned if record.name in place]
        missing = [*no_captions(samples.records), *_unreadable(pictures.failed)]
        if len(records) < FEWEST:
            reason = f"There are {len(records)} captioned images; to learn what fits takes {FEWEST}."
            missing += [Unmeasured(record.name, NAME, reason) for record in records]
            return AgreementScores(not_measured=tuple(missing))
        rows = sentence_rows(records)
        texts = samples.texts(rows.named, progress)
        wanted = [place[record.name] for record in records]
        vectors = narrowed(pictures.vectors[0 : len(pictures.names)][wanted])
        keys = [pictures.keys[row] for row in wanted]
        seen, said = [keys[sample] for sample in rows.samples], [text_key(text) for text in rows.texts]

        def learn() -> FitScores:
            check = partial(raise_if_cancelled, progress)
            return fit_scores(picture_rows(vectors, rows), texts.vectors[0 : len(rows)], seen, said, check)[0]

        models = f"{samples.embedder('images').id}\n{samples.embedder('tags').id}"
        own, better = steady(samples, models, pair_keys(seen, said), learn)
        note = f"Learnt from {len(records):,} samples, by {_labels(samples)}."
        return AgreementScores(
            tuple(rows.fits(own, better)), tuple(missing), notes=(note,), is_weak=len(records) < _WEAK
        )


def _labels(samples: ReviewSamples) -> str:
    return f"{samples.embedder('images').label} and {samples.embedder('tags').label}"


def _unreadable(failed: tuple[Outcome, ...]) -> list[Unmeasured]:
    return [Unmeasured(one.name, NAME, one.reason) for one in failed]
