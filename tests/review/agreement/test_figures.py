"""How many wrong captions are found among real ones: means of five fixed seeds on 1,900 photos, one caption each."""

from __future__ import annotations

import numpy as np
import pytest

from lib.review.agreement.out_of_fold import FitScores, fit_scores
from tests.review.photos import SEEDS, Photos, auroc, exchanged, look_alike, wrong_among_worst

pytestmark = pytest.mark.slow


def scored(photos: Photos, rows: np.ndarray, places: np.ndarray) -> FitScores:
    keys = [photos.keys[row] for row in rows]
    words = [b"%d" % place for place in rows[places]]
    return fit_scores(photos.pictures[rows], photos.captions[rows][places], keys, words)[0]


def figures(photos: Photos, count: int, groups: np.ndarray | None = None) -> tuple[float, float]:
    found = []
    for seed in SEEDS:
        rows = np.random.default_rng(100 + seed).permutation(len(photos.records))[:count]
        places, is_wrong = exchanged(count, seed, None if groups is None else groups[rows])
        scores = scored(photos, rows, places).own
        found.append((auroc(scores, is_wrong), wrong_among_worst(scores, is_wrong)))
    first, second = np.mean(found, 0)
    return float(first), float(second)


def test_of_1900_a_tenth_exchanged(flickr):
    area, share = figures(flickr, 1_900)
    assert area >= 0.92
    assert share >= 0.83


def test_of_300_a_tenth_exchanged(flickr):
    area, share = figures(flickr, 300)
    assert area >= 0.84
    assert share >= 0.60


def test_exchanged_among_pictures_that_look_alike(flickr):
    area, _ = figures(flickr, 1_900, look_alike(flickr.pictures))
    assert area >= 0.77


def test_of_right_captions_few_are_called_most_likely_wrong(flickr):
    rows = np.arange(1_900)
    clean = scored(flickr, rows, rows).as_good_at_random()
    assert (clean <= 0.3).sum() <= 10
    assert (clean <= 0.5).sum() <= 40
    places, is_wrong = exchanged(1_900, 0)
    called = scored(flickr, rows, places).as_good_at_random() <= 0.3
    assert is_wrong[called].mean() >= 0.85
