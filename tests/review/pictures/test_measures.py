"""What the numbers say of a picture, and that they hold on any size."""

from __future__ import annotations

import random

import pytest
from PIL import Image, ImageDraw, ImageFilter

from lib.review.pictures.faults import FaultLimits, of_pixels
from lib.review.pictures.measures import measured
from tests.doubles.drawn_dataset import photo


@pytest.fixture(scope="module")
def picture():
    return photo(random.Random(5))


def kinds(image):
    return [fault.kind for fault in of_pixels(measured(image), FaultLimits())]


def test_a_photo_has_all_its_detail_and_no_fault(picture):
    assert measured(picture).detail == 1
    assert kinds(picture) == []


@pytest.mark.parametrize("times", [2, 3])
def test_an_enlarged_picture_has_the_detail_of_the_small_one(picture, times):
    small = picture.resize((picture.width // times, picture.height // times), Image.Resampling.LANCZOS)
    again = small.resize(picture.size, Image.Resampling.BICUBIC)
    assert measured(again).detail == pytest.approx(1 / times, abs=0.15)
    assert kinds(again) == ["upscaled"]


def test_blur_grows_with_the_radius_and_a_sharp_part_saves_a_picture(picture):
    soft = [measured(picture.filter(ImageFilter.GaussianBlur(radius))).blur for radius in (0, 1, 2, 4)]
    assert soft == sorted(soft)
    blurred = picture.filter(ImageFilter.GaussianBlur(5))
    assert kinds(blurred) == ["blurred"]
    blurred.paste(picture.crop((0, 0, 400, 300)), (100, 100))
    assert "blurred" not in kinds(blurred)


def test_bars_are_measured_and_a_drawing_on_white_has_none(picture):
    barred = Image.new("RGB", (640, 640))
    barred.paste(picture.crop((0, 0, 640, 480)), (0, 80))
    assert measured(barred).border == pytest.approx(0.25, abs=0.02)
    drawing = Image.new("RGB", (640, 640), "white")
    ImageDraw.Draw(drawing).rectangle((20, 20, 620, 620), outline="black", width=12)
    assert kinds(drawing) == []


def test_a_logo_of_few_strokes_is_not_blank_and_not_overexposed():
    logo = Image.new("RGB", (512, 512), "white")
    ImageDraw.Draw(logo).text((180, 240), "NEWGEN", fill="black", font_size=40)
    assert kinds(logo) == []
    assert kinds(Image.new("RGB", (512, 512), "white")) == ["blank"]


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 3), (16, 16), (70, 40)])
def test_pictures_of_any_size_can_be_measured(size):
    assert measured(Image.effect_noise(size, 60).convert("RGB")).plain <= 1
