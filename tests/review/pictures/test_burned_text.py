"""Text in pictures is read where rapidocr is installed."""

from __future__ import annotations

import random

import pytest
from PIL import Image, ImageDraw, ImageFont

from lib.review import review
from lib.review.pictures import burned_text
from tests.doubles.drawn_dataset import drawn_dataset, photo
from tests.review.opened import opened

pytestmark = pytest.mark.skipif(not burned_text.is_here(), reason="rapidocr is not installed")


def stamped(words: str) -> Image.Image:
    image = photo(random.Random(3)).copy()
    ImageDraw.Draw(image).rectangle((20, 440, 620, 520), fill="black")
    ImageDraw.Draw(image).text((40, 450), words, fill="white", font=ImageFont.load_default(48))
    return image


@pytest.mark.slow
def test_a_watermark_is_read_and_a_picture_without_text_is_not_blamed(tmp_path):
    root = drawn_dataset(tmp_path / "set", 3)
    stamped("STOCK PHOTO 2024").save(root / "stamped.jpg", quality=90)
    found = review(opened(root).samples, ["pictures"])
    texts = [(one.kind, one.images) for one in found.findings if one.kind == "text"]
    assert texts == [("text", ("stamped.jpg",))]
    assert not found.notes
