"""The quick look at parts: it may say too much of a pair, never so little that a cutting is missed."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image

from lib.review.duplicates.coarse import MARGIN, coarse_likeness
from lib.review.duplicates.likeness import part_likeness
from lib.review.duplicates.thumbs import GreyThumbs, thumbs_of
from tests.review.duplicates.drawn import picture


def _thumb(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB").resize((GreyThumbs.side, GreyThumbs.side)))


def _cut(image: Image.Image, share: float, rng: random.Random) -> Image.Image:
    wide, high = image.size
    left, top = rng.randint(0, wide - int(wide * share)), rng.randint(0, high - int(high * share))
    return image.crop((left, top, left + int(wide * share), top + int(high * share)))


def test_cuttings_lie_within_the_margin_and_most_others_do_not():
    rng = random.Random(3)
    wholes = [picture(number, (240, 180)) for number in range(200)]
    parts = [_cut(whole, rng.choice((0.6, 0.7, 0.8, 0.9)), rng) for whole in wholes]
    thumbs = thumbs_of(np.stack([_thumb(one) for one in (*wholes, *parts)]))
    rows = np.arange(200)
    close = part_likeness(thumbs[:200], thumbs[200:])
    own = coarse_likeness(thumbs, np.stack([rows, rows + 200], 1))
    others = coarse_likeness(thumbs, np.stack([rows, 200 + np.roll(rows, 1)], 1))
    assert (own >= close - MARGIN).mean() >= 0.99
    assert (others < 0.95 - MARGIN).mean() >= 0.7


def test_each_pair_gets_its_own_likeness_in_whatever_order_they_come():
    rng = random.Random(4)
    wholes = [picture(number, (240, 180)) for number in range(20)]
    thumbs = thumbs_of(np.stack([_thumb(one) for one in (*wholes, *(_cut(whole, 0.8, rng) for whole in wholes))]))
    every = np.asarray([(whole, part) for part in range(20, 40) for whole in range(20)])
    found = coarse_likeness(thumbs, every)
    assert found == pytest.approx([coarse_likeness(thumbs, every[[row]])[0] for row in range(len(every))], abs=1e-5)
    assert (found.reshape(20, 20).argmax(1) == np.arange(20)).mean() > 0.8
