"""Twins are found whatever was done to them, never chained, and one click keeps the best of them."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance

from lib.dataset.saving.operations import Operations
from lib.errors import ModelUnavailable
from lib.review import Review, apply_fixes, plan_fixes, review
from tests.doubles.drawn_dataset import photo
from tests.review.duplicates.drawn import add, drawn_set, embedder_for, picture
from tests.review.opened import bytes_below, opened


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return drawn_set(tmp_path / "set")


def duplicates(root: Path) -> Review:
    return review(opened(root, embedder_for).samples, ["duplicates"])


def groups(found: Review) -> set[tuple[str, tuple[str, ...]]]:
    return {(group.kind, tuple(sorted(group.images))) for group in found.groups}


def test_different_pictures_are_no_twins(root):
    found = duplicates(root)
    assert found.groups == ()
    assert found.findings == ()
    assert found.clean == {f"photo{number:02}.jpg" for number in range(30)}


def test_a_copy_and_the_same_pixels_in_another_format_are_equal(root):
    shutil.copy(root / "photo03.jpg", root / "copy.jpg")
    with Image.open(root / "photo05.jpg") as image:
        add(root, "saved.png", image)
    assert groups(duplicates(root)) == {
        ("equal", ("copy.jpg", "photo03.jpg")),
        ("equal", ("photo05.jpg", "saved.png")),
    }


def test_resized_recompressed_and_brightened_pictures_are_alike(root):
    add(root, "small.jpg", picture(1).resize((190, 140)))
    add(root, "poor.jpg", picture(2), quality=25)
    add(root, "bright.jpg", ImageEnhance.Brightness(picture(3)).enhance(1.25))
    assert groups(duplicates(root)) == {
        ("alike", ("photo01.jpg", "small.jpg")),
        ("alike", ("photo02.jpg", "poor.jpg")),
        ("alike", ("bright.jpg", "photo03.jpg")),
    }


def test_a_cutting_is_found_and_is_a_hint(root):
    add(root, "cut.jpg", picture(4).crop((40, 20, 296, 212)), quality=92)
    found = duplicates(root)
    assert groups(found) == {("crop", ("cut.jpg", "photo04.jpg"))}
    assert [finding.severity for finding in found.findings] == ["hint"]


def test_a_mirror_image_is_found_and_is_a_hint_that_leaves_the_choice(root):
    turned = picture(5).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    add(root, "mirror.jpg", turned, "a picture of blots, number 5", quality=92)
    found = duplicates(root)
    assert groups(found) == {("mirrored", ("mirror.jpg", "photo05.jpg"))}
    (finding,) = found.findings
    assert (finding.kind, finding.severity, finding.fix) == ("mirrored", "hint", None)
    assert "mirror images of one another" in finding.text


def test_without_a_model_for_pictures_cuttings_are_not_looked_for_and_that_is_said(root):
    class Missing(type(embedder_for("mobilenet"))):
        @property
        def id(self):
            raise ModelUnavailable("The model is not here.", "Fetch it.")

    missing = Missing()
    add(root, "poor.jpg", picture(2), quality=25)
    add(root, "cut.jpg", picture(4).crop((40, 20, 296, 212)), quality=92)
    samples = opened(root, lambda name: missing if name == "resnet50v2" else embedder_for(name)).samples
    found = review(samples, ["duplicates"])
    assert groups(found) == {("alike", ("photo02.jpg", "poor.jpg"))}
    assert any("Cuttings and mirror images were not looked for" in note for note in found.notes)


def test_one_click_keeps_the_largest_with_the_fullest_caption_and_undo_brings_all_back(root):
    add(root, "large.jpg", picture(6, (640, 480)), "a picture of blots")
    (root / "photo06.txt").write_text("a large picture of red blots")
    before = bytes_below(root)
    one = opened(root, embedder_for)
    found = review(one.samples, ["duplicates"])
    assert [group.captions for group in found.groups] == ["adds"]
    plan = plan_fixes(found.findings)
    assert plan.aside == ("photo06.jpg",)
    apply_fixes(one.store, plan)
    assert (root / "large.txt").read_text() == "a large picture of red blots"
    assert not (root / "photo06.jpg").exists()
    assert duplicates(root).groups == ()
    Operations(opened(root).store).undo()
    assert bytes_below(root) == before


def test_the_twin_to_keep_stands_first_the_larger_then_the_less_compressed_then_the_older(root):
    add(root, "a_poor.jpg", picture(2), quality=25)
    add(root, "a_small.jpg", picture(3).resize((190, 140)))
    shutil.copy(root / "photo05.jpg", root / "a_copy.jpg")
    os.utime(root / "photo05.jpg", (1_000_000, 1_000_000))
    with Image.open(root / "photo06.jpg") as image:
        add(root, "a_saved.png", image)
    os.utime(root / "photo06.jpg", (1_000_000, 1_000_000))
    found = {frozenset(one.images): one for one in duplicates(root).findings}
    first = [one.images[0] for one in found.values()]
    assert sorted(first) == ["photo02.jpg", "photo03.jpg", "photo05.jpg", "photo06.jpg"]


@pytest.mark.parametrize("factor", [1.5, 2, 3])
def test_an_original_is_kept_before_a_copy_that_was_enlarged(root, factor):
    original = photo(random.Random(4), (320, 270))
    add(root, "original.jpg", original)
    enlarged = original.resize((round(320 * factor), round(270 * factor)), Image.Resampling.LANCZOS)
    add(root, "larger.jpg", enlarged, quality=95)
    add(root, "smaller.jpg", original.resize((160, 135)))
    (finding,) = duplicates(root).findings
    assert finding.images == ("original.jpg", "larger.jpg", "smaller.jpg")
    assert finding.fix.aside == ("larger.jpg", "smaller.jpg")
    assert "larger.jpg was enlarged" in finding.text


def test_a_photo_is_kept_before_smaller_copies_of_it(root):
    add(root, "original.jpg", photo(random.Random(4), (640, 540)))
    for side in (160, 320, 560):
        add(root, f"of_{side}.jpg", photo(random.Random(4), (640, 540)).resize((side, side * 540 // 640)))
    (finding,) = duplicates(root).findings
    assert finding.images == ("original.jpg", "of_560.jpg", "of_320.jpg", "of_160.jpg")


def test_captions_that_contradict_are_left_to_a_person(root):
    add(root, "poor.jpg", picture(2), "two blue dogs", quality=25)
    (root / "photo02.txt").write_text("a red car on a road")
    found = duplicates(root)
    assert [group.captions for group in found.groups] == ["contradict"]
    assert found.findings[0].fix is None


def test_twins_in_train_and_validation_are_an_error(root):
    add(root, "train/a.jpg", picture(90), "blots")
    add(root, "valid/b.jpg", picture(90), "blots", quality=40)
    (finding,) = duplicates(root).findings
    assert finding.kind == "leak"
    assert finding.severity == "error"
    assert set(finding.images) == {"train/a.jpg", "valid/b.jpg"}
    assert finding.fix is None, "which of the two goes is nobody's guess"


def test_twins_in_two_folders_that_are_no_splits_are_no_leak(root):
    add(root, "latest/a.jpg", picture(90), "blots")
    add(root, "developed/b.jpg", picture(90), "blots", quality=40)
    assert [finding.kind for finding in duplicates(root).findings] == ["alike"]


def test_a_picture_that_cannot_be_read_is_not_measured(root):
    (root / "photo07.jpg").write_bytes(b"no picture")
    found = duplicates(root)
    assert [one.image for one in found.not_measured] == ["photo07.jpg"]


def test_a_second_review_measures_nothing_again(root):
    add(root, "poor.jpg", picture(2), quality=25)
    first = duplicates(root)
    (root / "photo07.jpg").touch()

    def refused(*args):
        raise AssertionError("measured again")

    samples = opened(root, embedder_for).samples
    samples.kept.add = refused
    assert groups(review(samples, ["duplicates"])) == groups(first)
