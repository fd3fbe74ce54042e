"""CLIP or SigLIP as the measure: how near a caption lies to its picture in a space that others have learnt."""

from __future__ import annotations

from lib.clustering.samples import embed_records
from lib.embedding.many import embed_texts
from lib.progress import Progress
from lib.review.agreement.base import NAME, AgreementScores, Scorer
from lib.review.agreement.joint_model import JointModel
from lib.review.agreement.out_of_fold import REFERENCE, FitScores, Standards, told_against
from lib.review.agreement.sentence_rows import no_captions, picture_rows, sentence_rows
from lib.review.findings import Unmeasured
from lib.review.samples import ReviewSamples

_WEAK = 30
"""Samples below which there are too few others to tell a caption against."""


class JointSpace(Scorer):
    """Told against pairs drawn at random, as the own captions are: a raw likeness means nothing by itself."""

    label = "CLIP or SigLIP"
    about = "Knows pictures and words from elsewhere, so also a few samples can be measured. A download of 813 MB."

    def score(self, samples: ReviewSamples, progress: Progress) -> AgreementScores:
        import numpy as np

        model = JointModel(samples.settings)
        folder = samples.settings.vectors
        seen = embed_records(samples.root, samples.records, model.pictures, folder, progress=progress)
        place = {name: row for row, name in enumerate(seen.names)}
        records = [record for record in samples.captioned if record.name in place]
        missing = [*no_captions(samples.records), *(Unmeasured(one.name, NAME, one.reason) for one in seen.failed)]
        if len(records) < 2:
            missing += [Unmeasured(record.name, NAME, "There is no other caption to compare.") for record in records]
            return AgreementScores(not_measured=tuple(missing))
        rows = sentence_rows(records)
        read = embed_texts(rows.named, model.texts, folder, progress=progress)
        vectors = seen.vectors[0 : len(seen.names)][[place[record.name] for record in records]]
        ours, theirs = picture_rows(vectors, rows), read.vectors[0 : len(rows)]
        drawn = np.random.default_rng(0).permutation(len(rows))[:REFERENCE]
        own, random = told_against(Standards(ours[drawn], theirs[drawn]), ours, theirs)
        note = f"Measured by {model.label}."
        return AgreementScores(
            tuple(rows.fits(own, FitScores(own, np.sort(random)).as_good_at_random())),
            tuple(missing),
            notes=(note,),
            is_weak=len(records) < _WEAK,
        )
