"""A review as a whole: what is told, what is remembered, what stops it."""

from __future__ import annotations

import json

import pytest

from lib.embedding.base import WAYS_OUT
from lib.errors import Cancelled, InvalidInput, ModelUnavailable
from lib.review import as_json, judge_right, review
from tests.doubles.embedder import ColourEmbedder
from tests.doubles.image_folder import draw_image, image_folder
from tests.review.agreement.drawn import drawn_samples
from tests.review.opened import opened


def kinds(found):
    return [(finding.kind, finding.images) for finding in found.findings]


def test_an_empty_caption_is_found_and_the_others_are_clean(tmp_path):
    root = image_folder(tmp_path / "set", {"a.jpg": "a cat", "b.jpg": "", "c.jpg": None, "d.jpg": " \n"})
    found = review(opened(root).samples, ["captions"])
    assert kinds(found) == [("empty", ("b.jpg",)), ("empty", ("c.jpg",)), ("empty", ("d.jpg",))]
    assert found.clean == {"a.jpg"}
    assert found.has_errors


def test_a_review_is_told_to_programs_as_json(tmp_path):
    root = image_folder(tmp_path / "set", {"a.jpg": "a cat", "b.jpg": ""})
    told = json.loads(json.dumps(as_json(review(opened(root).samples, ["captions"]))))
    assert told["images"] == 2
    (finding,) = told["findings"]
    assert finding["check"] == "captions"
    assert finding["images"] == ["b.jpg"]
    assert finding["severity"] == "error"
    assert {"scores", "groups", "not_measured", "ready"} <= told.keys()


def test_what_was_found_right_stays_away_until_picture_or_caption_changes(tmp_path):
    root = image_folder(tmp_path / "set", {"a.jpg": "a cat", "b.jpg": ""})
    samples = opened(root).samples
    judge_right(samples, review(samples, ["captions"]).findings)
    again = review(opened(root).samples, ["captions"])
    assert kinds(again) == []
    assert [finding.images for finding in again.found_right] == [("b.jpg",)]
    (root / "a.jpg").rename(root / "c.jpg")
    assert kinds(review(opened(root).samples, ["captions"])) == [("empty", ("c.jpg",))]
    draw_image(root / "b.jpg", number=3)
    assert ("empty", ("b.jpg",)) in kinds(review(opened(root).samples, ["captions"]))


def test_a_judgement_can_be_taken_back(tmp_path):
    root = image_folder(tmp_path / "set", {"b.jpg": ""})
    samples = opened(root).samples
    judge_right(samples, review(samples, ["captions"]).findings)
    judge_right(samples, review(samples, ["captions"]).found_right, right=False)
    assert kinds(review(samples, ["captions"])) == [("empty", ("b.jpg",))]


def test_an_unknown_check_is_told_the_known_ones(tmp_path):
    with pytest.raises(InvalidInput, match="captions"):
        review(opened(image_folder(tmp_path / "set")).samples, ["nonsense"])


def test_a_review_stops_when_asked(tmp_path):
    class Stop:
        def advance(self, done, total):
            pass

        def is_cancelled(self):
            return True

    with pytest.raises(Cancelled):
        review(opened(image_folder(tmp_path / "set")).samples, ["captions"], Stop())


def test_without_a_model_for_pictures_the_review_says_what_needs_none_and_nothing_of_clusters(tmp_path):
    drawn_samples(tmp_path / "set", 6)

    class Gone(ColourEmbedder):
        def _load(self):
            raise ModelUnavailable("There is no model for pictures.", f"Fetch it. {WAYS_OUT}")

    found = review(opened(tmp_path / "set", lambda name: Gone(), images_method="mobilenet").samples, ["agreement"])
    assert "reviewed without a model" in found.failed["agreement"]
    assert "TF-IDF" not in found.failed["agreement"]
