"""What a dataset shows often, rarely, never together, and which images tell most of it."""

from __future__ import annotations

import numpy as np

from lib.domain import ImageRecord, SidecarState
from lib.review import review
from lib.review.coverage.telling import most_telling
from lib.review.coverage.terms import Apart, coverage_of
from tests.doubles.image_folder import image_folder
from tests.review.opened import opened


def records(texts):
    return [ImageRecord(f"{place}.jpg", text=text, state=SidecarState.TEXT) for place, text in enumerate(texts)]


def test_terms_that_never_meet_are_told_where_chance_would_have_joined_them():
    texts = ["cat, indoors, sofa"] * 20 + ["dog, outdoors, sofa"] * 20
    found = coverage_of(records(texts))
    assert Apart("cat", "dog", 10.0) in found.apart
    assert ("cat", "indoors") not in {(one.first, one.second) for one in found.apart}
    assert found.in_most(0.9) == [("sofa", 40)]


def test_few_captions_prove_nothing():
    assert coverage_of(records(["cat, sofa", "dog, grass"] * 4)).apart == ()


def test_a_trigger_word_counts_for_nothing():
    assert coverage_of(records(["ohwx, cat, sofa"] * 3), ["ohwx"]).counts == (("cat", 3), ("sofa", 3))


def test_the_most_telling_ones_are_of_every_group_before_any_comes_twice():
    rng = np.random.default_rng(0)
    groups = np.eye(5)[np.arange(100) % 5]
    chosen = most_telling(groups + rng.normal(0, 0.02, groups.shape), 5)
    assert {row % 5 for row in chosen} == set(range(5))


def test_copies_tell_nothing_more():
    assert len(most_telling(np.ones((8, 3), np.float32), 5)) == 1
    assert most_telling(np.zeros((0, 3), np.float32), 5) == []
    assert sorted(most_telling(np.eye(3, dtype=np.float32), 9)) == [0, 1, 2]


def test_what_nearly_all_say_is_a_hint_with_its_images(tmp_path):
    captions = {
        f"{n}.jpg": "red, cat, sofa" if n % 4 else "blue, dog, sofa, rare" if n == 4 else "blue, dog, sofa"
        for n in range(24)
    }
    found = review(opened(image_folder(tmp_path / "set", captions)).samples, ["coverage"])
    told = {one.kind: one for one in found.findings}
    assert {one.severity for one in found.findings} == {"hint"}
    assert told["once"].images == ("4.jpg",)
    assert len(told["one_sided"].images) == 18


def test_every_tag_that_stands_once_is_named_at_its_image_and_marked(tmp_path):
    captions = {f"{n:02}.jpg": f"cat, sofa, Odd_one {n}, rare {n}" if n < 30 else "cat, sofa" for n in range(40)}
    found = review(opened(image_folder(tmp_path / "set", captions)).samples, ["coverage"]).of("once")
    assert [one.images for one in found] == [(f"{n:02}.jpg",) for n in range(30)]
    assert all(f"“Odd_one {n}”" in one.text and f"“rare {n}”" in one.text for n, one in enumerate(found))
    text = captions[found[7].images[0]]
    assert [text[slice(*place)] for place in found[7].marked] == ["Odd_one 7", "rare 7"]


def test_pairs_beyond_those_that_are_told_are_counted(tmp_path):
    captions = {f"{n:03}.jpg": f"tag{'bcdfgh'[n % 6]}, other{'bcdfgh'[n % 6]}, sofa" for n in range(300)}
    found = review(opened(image_folder(tmp_path / "set", captions)).samples, ["coverage"])
    assert len(found.of("apart")) == 10
    assert any("60 pairs never meet" in note for note in found.notes)
