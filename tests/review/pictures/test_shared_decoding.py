"""Pictures are measured while they are decoded for their vectors, which stay bit by bit what they are without."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image

from lib.images import load_square
from lib.progress import NOBODY
from lib.review.pictures.measuring import measures
from lib.review.pictures.shared_decoding import WHAT, SharedDecoding
from tests.doubles.drawn_dataset import drawn_dataset, photo
from tests.doubles.embedder import ColourEmbedder
from tests.review.opened import opened


def turned(way):
    exif = Image.Exif()
    exif[0x0112] = way
    return exif


@pytest.mark.parametrize(
    ("name", "size", "saved"),
    [
        ("photo.jpg", (500, 375), {}),
        ("halved.jpg", (640, 540), {}),
        ("tall.jpg", (300, 800), {"progressive": True}),
        ("print.jpg", (300, 200), {"mode": "CMYK"}),
        ("turned.jpg", (500, 375), {"exif": turned(6)}),
        ("small.webp", (90, 60), {}),
        ("palette.gif", (300, 200), {}),
        ("clear.png", (300, 200), {"mode": "RGBA"}),
        ("turned.png", (300, 200), {"exif": turned(8)}),
    ],
)
def test_the_square_is_the_embedders_own(tmp_path, name, size, saved):
    choices = dict(saved)
    photo(random.Random(2), size).convert(choices.pop("mode", "RGB")).save(tmp_path / name, **choices)
    shared = SharedDecoding(tmp_path).open(tmp_path / name, 224)
    assert np.array_equal(shared, np.asarray(load_square(tmp_path / name, 224)))


def test_what_was_measured_on_the_way_is_what_measuring_alone_gives(tmp_path):
    root = drawn_dataset(tmp_path / "set", 3)
    photo(random.Random(2), (500, 375)).save(root / "photo.webp")
    embedder = ColourEmbedder()
    one = opened(root, lambda name: embedder).samples
    one.measures_too = True
    one.pictures(NOBODY)
    kept = one.kept.load(WHAT, one.picture_keys(NOBODY).values())
    # Of the others, which are JPEGs, the embedder takes an eighth of the size.
    assert len(kept) == 1
    found, _ = measures(one, NOBODY)
    one.kept.clear_measures()
    again, _ = measures(opened(root).samples, NOBODY)
    assert found == again
