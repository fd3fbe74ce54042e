"""What a review said of images is kept for queries, the newest of each check."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.errors import WriteFailed
from lib.last_review import LastReviews

ROOT = Path("/photos")


@pytest.fixture
def reviews(tmp_path: Path) -> LastReviews:
    return LastReviews(tmp_path)


def test_before_the_first_review_nothing_is_known(reviews: LastReviews) -> None:
    assert reviews.load(ROOT) is None
    assert reviews.stamp(ROOT) == 0


def test_numbers_and_findings_are_known_by_image_and_of_one_dataset_alone(reviews: LastReviews) -> None:
    found = [("captions", "empty", "error", ("b",))]
    reviews.add(ROOT, ["a", "b"], ["captions", "pictures"], {"width": {"a": 48.0}}, found)
    kept = reviews.load(ROOT)
    assert kept is not None
    known = kept.by_image()
    assert (known["a"].scores, known["a"].told) == ({"width": 48.0}, frozenset())
    assert (known["b"].scores, known["b"].told) == ({}, {"captions", "empty", "error"})
    assert known["b"].measured == {"width"}
    assert reviews.load(Path("/others")) is None


def test_a_new_review_takes_the_place_of_what_its_checks_said_of_its_images_and_of_nothing_else(
    reviews: LastReviews,
) -> None:
    found = [("captions", "empty", "error", ("a", "b")), ("pictures", "dark", "hint", ("a",))]
    reviews.add(ROOT, ["a", "b"], ["captions", "pictures"], {"width": {"a": 1.0, "b": 2.0}, "blur": {"a": 3.0}}, found)
    reviews.add(ROOT, ["a"], ["captions"], {"width": {}}, [])
    kept = reviews.load(ROOT)
    assert kept is not None
    known = kept.by_image()
    assert (known["a"].scores, known["a"].told) == ({"blur": 3.0}, {"pictures", "dark", "hint"})
    assert (known["b"].scores, known["b"].told) == ({"width": 2.0}, {"captions", "empty", "error"})


def test_another_caption_has_no_agreement_before_that_is_measured_again(reviews: LastReviews) -> None:
    scores = {"agreement": {"a": 4.0, "b": 70.0}, "blur": {"a": 9.0}}
    reviews.add(ROOT, ["a", "b"], ["agreement", "pictures"], scores, [], {"a": "a cat", "b": "a dog"})
    kept = reviews.load(ROOT)
    assert kept is not None
    assert (kept.is_changed("a", "a cat"), kept.is_changed("a", "a bird"), kept.is_changed("c", "")) == (
        False,
        True,
        False,
    )
    assert kept.by_image()["a"].with_other_caption().scores == {"blur": 9.0}
    # A review that looks at captions alone reads the new one, and does not make the old number one of that.
    reviews.add(ROOT, ["a", "b"], ["captions"], {}, [], {"a": "a bird", "b": "a dog"})
    kept = reviews.load(ROOT)
    assert kept is not None
    assert kept.scores["agreement"] == {"b": 70.0}
    reviews.add(ROOT, ["a"], ["agreement"], {"agreement": {"a": 50.0}}, [], {"a": "a bird"})
    kept = reviews.load(ROOT)
    assert kept is not None
    assert kept.scores["agreement"] == {"a": 50.0, "b": 70.0}


def test_a_file_that_cannot_be_read_is_no_review(reviews: LastReviews, tmp_path: Path) -> None:
    reviews.add(ROOT, ["a"], ["captions"], {}, [])
    (file,) = (tmp_path / "review" / "last").iterdir()
    file.write_text('{"images": 1')
    assert reviews.load(ROOT) is None
    reviews.add(ROOT, ["a"], ["captions"], {}, [])
    assert reviews.load(ROOT) is not None


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    (tmp_path / "review").write_text("in the way")
    with pytest.raises(WriteFailed, match="not kept for queries"):
        LastReviews(tmp_path).add(ROOT, ["a"], ["captions"], {}, [])
