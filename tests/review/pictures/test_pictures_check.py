"""The check of pictures as a whole."""

from __future__ import annotations

import random
import shutil

import pytest
from PIL import Image

from lib.errors import Cancelled
from lib.progress import NOBODY
from lib.review import apply_fixes, plan_fixes, review
from lib.review.pictures.headers import read_header
from lib.review.pictures.measuring import measures
from tests.doubles.drawn_dataset import drawn_dataset, photo
from tests.review.opened import opened


@pytest.fixture
def root(tmp_path):
    return drawn_dataset(tmp_path / "set", 4)


def kinds(found):
    return [(one.kind, one.images) for one in found.findings]


def test_scores_can_be_sorted_by(root):
    scores = review(opened(root).samples, ["pictures"]).scores
    assert scores["width"]["photo000.jpg"] == 640
    assert scores["bytes"]["photo000.jpg"] == (root / "photo000.jpg").stat().st_size
    assert {"height", "aspect", "blur", "detail", "bright"} <= scores.keys()


def test_a_picture_is_measured_once_whatever_its_name(root):
    shutil.copy(root / "photo000.jpg", root / "copy.jpg")
    samples = opened(root).samples
    found, refused = measures(samples, NOBODY)
    assert (len(found), refused) == (5, {})
    assert found["copy.jpg"] == found["photo000.jpg"]
    assert len(samples.kept.load("pictures-1", samples.picture_keys(NOBODY).values())) == 4


def test_a_broken_picture_is_told_not_measured_and_can_be_set_aside(root):
    (root / "photo001.jpg").write_bytes(b"no picture")
    one = opened(root)
    found = review(one.samples, ["pictures"])
    assert kinds(found) == [("unreadable", ("photo001.jpg",))]
    assert [unmeasured.image for unmeasured in found.not_measured] == ["photo001.jpg"]
    assert "photo001.jpg" not in found.clean
    apply_fixes(one.store, plan_fixes(found.findings))
    assert not (root / "photo001.jpg").exists()
    assert review(opened(root).samples, ["pictures"]).findings == ()


def test_the_largest_of_the_chosen_trainers_says_what_is_small(root):
    photo(random.Random(1), (400, 300)).save(root / "small.jpg")
    assert kinds(review(opened(root).samples, ["pictures"])) == []
    found = review(opened(root, targets=("open-clip", "sd-scripts")).samples, ["pictures"])
    assert kinds(found) == [("small", ("small.jpg",))]
    assert "kohya sd-scripts wants 512" in found.findings[0].text


def test_a_set_of_too_small_pictures_is_one_finding_with_their_count(root):
    for number in range(5):
        photo(random.Random(number), (300 + 10 * number, 240 + 10 * number)).save(root / f"small{number}.jpg")

    def small():
        return review(opened(root, targets=("sd-scripts",)).samples, ["pictures"]).of("small")

    (finding,) = small()
    assert finding.images == tuple(f"small{number}.jpg" for number in range(5))
    assert finding.text.startswith("5 of 9 pictures are too small: kohya sd-scripts wants 512 pixels")
    assert "these have 240 to 280" in finding.text
    (root / "small4.jpg").unlink()
    assert len(small()) == 4, "half of a set is not the set"


def test_a_phones_jpeg_with_a_second_picture_does_not_move(tmp_path):
    still = photo(random.Random(1), (64, 48))
    still.save(tmp_path / "phone.jpg", format="MPO", save_all=True, append_images=[still])
    still.save(tmp_path / "moving.webp", save_all=True, append_images=[Image.new("RGB", still.size)])
    assert [read_header(tmp_path / name).moves for name in ("phone.jpg", "moving.webp")] == [False, True]


def test_text_is_named_as_not_looked_for_where_the_package_is_missing(root):
    (note,) = review(opened(root).samples, ["pictures"]).notes
    assert "rapidocr" in note


class Stopped:
    """Is cancelled from the start."""

    def advance(self, done, total):
        pass

    def is_cancelled(self):
        return True


def test_measuring_stops_when_it_is_told_to(root):
    with pytest.raises(Cancelled):
        measures(opened(root).samples, Stopped())
