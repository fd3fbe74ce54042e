"""What fits is learnt once and holds while few captions change, so that a finding of a sample nobody touched stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from lib.embedding.hashes import text_key
from lib.review.agreement.out_of_fold import FitScores
from lib.review.samples import ReviewSamples

if TYPE_CHECKING:
    import numpy as np

LEARNT_ANEW = 0.1
"""The share of pairs that were not learnt from beyond which all is learnt anew."""

_WHAT = "own-captions-1"


def pair_keys(pictures: Sequence[bytes], captions: Sequence[bytes]) -> list[str]:
    """What stands for each pair of picture and caption, by the hashes of both."""
    return [text_key(f"{one.hex()}:{two.hex()}").hex() for one, two in zip(pictures, captions, strict=True)]


def steady(
    samples: ReviewSamples, models: str, pairs: Sequence[str], learn: Callable[[], FitScores]
) -> tuple[np.ndarray, np.ndarray]:
    """For each pair how well it fits, and the share (0 to 1) of random pairs that fit no better.

    A pair that was learnt from, or scored since, has what it had then, as long as most of `pairs` were learnt from;
    only the others are scored by what `learn` gives today. Kept for the dataset and the `models` that made the vectors.
    """
    import numpy as np

    key = text_key(f"{samples.root}\n{models}")
    kept = samples.kept.load(_WHAT, [key]).get(key, {"learnt": {}, "since": {}})
    learnt, since = kept["learnt"], kept["since"]
    if sum(pair not in learnt for pair in pairs) > LEARNT_ANEW * len(pairs):
        learnt, since = {}, {}
    known = since | learnt
    if not all(pair in known for pair in pairs):
        scores = learn()
        told = zip(scores.own.tolist(), scores.as_good_at_random().tolist(), strict=True)
        found = dict(zip(pairs, told, strict=True))
        since = {**since, **{pair: one for pair, one in found.items() if pair not in known}} if learnt else {}
        learnt = learnt or found
        known = since | learnt
        # What was taken back may be done again: as many are kept as there are pairs.
        recent = dict(list(since.items())[-len(pairs) :])
        samples.kept.add(_WHAT, {key: {"learnt": learnt, "since": recent}})
    values = np.asarray([known[pair] for pair in pairs], float)
    return values[:, 0], values[:, 1]
