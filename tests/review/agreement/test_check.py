"""Captions that do not fit are found among those that do, on pictures that are drawn for it."""

from __future__ import annotations

import random
from collections.abc import Collection
from pathlib import Path

import pytest

from lib.review import Review, review
from tests.review.agreement.drawn import COLOURS, caption, drawn_samples, embedder_for
from tests.review.opened import opened


@pytest.fixture
def root(tmp_path: Path) -> Path:
    drawn_samples(tmp_path / "set")
    return tmp_path / "set"


def agreement(root: Path, **options: object) -> Review:
    return review(opened(root, embedder_for, **options).samples, ["agreement"])


def test_right_captions_are_not_called_wrong(root):
    found = agreement(root)
    assert found.of("misfit") == ()
    assert found.of("systematic") == ()
    assert len(found.scores["agreement"]) == 140


def test_exchanged_captions_are_found_first(root):
    caption(root, "photo0000.png", "golden tile")
    caption(root, "photo0003.png", "azure paper")
    found = agreement(root)
    assert {finding.images[0] for finding in found.findings[:2]} == {"photo0000.png", "photo0003.png"}
    assert all(finding.severity == "warning" for finding in found.findings[:2])
    worst = sorted(found.scores["agreement"], key=found.scores["agreement"].get)[:2]
    assert set(worst) == {"photo0000.png", "photo0003.png"}
    assert all(0 <= value <= 100 for value in found.scores["agreement"].values())


def test_of_a_long_caption_the_guilty_sentence_is_marked(root):
    for number in range(140):
        name = f"photo{number:04}.png"
        word = (root / name).with_suffix(".txt").read_text()
        caption(root, name, f"This is {word} here. There is {word} again.")
    text = "This is azure paper here. There is golden paper again."
    caption(root, "photo0000.png", text)
    found = agreement(root).of("sentence")[0]
    assert found.images == ("photo0000.png",)
    ((start, end),) = found.marked
    assert text[start:end] == "There is golden paper again."


def test_images_without_a_caption_or_that_cannot_be_read_are_not_measured(root):
    caption(root, "photo0005.png", " ")
    (root / "photo0006.png").write_bytes(b"no picture")
    found = agreement(root)
    assert {one.image for one in found.not_measured} == {"photo0005.png", "photo0006.png"}
    assert not {"photo0005.png", "photo0006.png"} & (found.clean | found.scores["agreement"].keys())


def test_from_too_few_samples_nothing_is_learnt_and_that_is_said(tmp_path):
    drawn_samples(tmp_path / "set", 20)
    found = agreement(tmp_path / "set")
    assert len(found.not_measured) == 20
    assert "20 captioned images" in found.not_measured[0].reason
    assert not found.clean


def test_from_few_samples_nothing_is_more_than_a_hint(tmp_path):
    drawn_samples(tmp_path / "set", 60)
    caption(tmp_path / "set", "photo0000.png", "golden tile")
    found = agreement(tmp_path / "set").findings
    assert found[0].images == ("photo0000.png",)
    assert {finding.severity for finding in found} == {"hint"}


def test_one_caption_under_many_different_pictures_is_one_finding(root):
    names = [f"photo{number:04}.png" for number in range(40, 61)]
    for name in names:
        caption(root, name, "untitled tile")
    (found,) = agreement(root).of("same_caption")
    assert set(found.images) == set(names)
    assert "21 pictures" in found.text


def test_a_caption_under_nine_different_pictures_is_one_finding_with_all_of_them(root):
    names = [f"photo{number:04}.png" for number in range(40, 49)]
    texts = [
        "A nice picture of a typical scene.",
        "a nice picture of a typical scene",
        "A nice picture of typical scene.",
    ]
    for number, name in enumerate(names):
        caption(root, name, texts[number % 3])
    (found,) = agreement(root).of("same_caption")
    assert set(found.images) == set(names)
    assert "9 pictures" in found.text
    assert "nearly word for word" in found.text


def test_captions_that_differ_in_what_they_show_are_not_one(root):
    for number, what in enumerate(("dog", "cat", "man", "hat", "sea", "sun", "car", "boy", "bus")):
        caption(root, f"photo{40 + number:04}.png", f"A {what} can be seen in the middle of it.")
    assert agreement(root).of("same_caption") == ()


def test_one_caption_under_pictures_that_are_alike_is_none(root):
    for number in range(0, 140, 7):
        caption(root, f"photo{number:04}.png", "azure paper")
    assert agreement(root).of("same_caption") == ()


def test_a_word_that_is_said_of_the_wrong_kind_of_picture_is_found(tmp_path):
    root = tmp_path / "set"
    captions = drawn_samples(root, 280)
    golden = [name for name, text in captions.items() if "golden" in text]
    for name in golden[:30]:
        caption(root, name, captions[name].replace("golden", "lilac"))
    found = agreement(root).of("systematic")
    assert set(golden[:30]) in [set(finding.images) for finding in found if "“lilac”" in finding.text]


def test_the_same_review_gives_the_same_scores(root):
    assert agreement(root).scores == agreement(root).scores


def test_a_word_that_every_caption_has_is_not_judged(root):
    for path in root.glob("*.txt"):
        path.write_text(f"zwx {path.read_text()}")
    assert agreement(root).of("systematic") == ()


def borderline(root: Path) -> dict[str, str]:
    """Captions of a dataset with a good many wrong ones, by name; the first ten are wrong."""
    rng = random.Random(3)
    names = [f"photo{number:04}.png" for number in range(140)]
    for name in [*names[:10], *rng.sample(names[10:], 40)]:
        caption(root, name, f"{rng.choice(list(COLOURS))} {rng.choice(['paper', 'tile', 'note', 'plate'])}")
    return {name: (root / name).with_suffix(".txt").read_text() for name in names}


def told(root: Path, but: Collection[str]) -> list[tuple[str, str, str]]:
    """What is said of all images but some, without the percentile, which is of the whole."""
    found = agreement(root).of("misfit")
    return sorted(
        (one.images[0], one.severity, one.text.split(":")[1][:4]) for one in found if one.images[0] not in but
    )


def test_what_nobody_touched_stays_where_a_few_captions_change_and_an_undo_brings_all_of_it_back(root):
    captions = borderline(root)
    touched = list(captions)[:10]
    before, whole = told(root, touched), agreement(root)
    for number, name in enumerate(touched):
        caption(root, name, f"{list(COLOURS)[number % 7]} tile")
    assert told(root, touched) == before
    assert agreement(root).scores["agreement"] != whole.scores["agreement"]
    for name in touched:
        caption(root, name, captions[name])
    assert agreement(root) == whole


def test_where_many_captions_change_what_fits_is_learnt_anew(root):
    captions = borderline(root)
    touched = list(captions)[:70]
    before = told(root, touched)
    for number, name in enumerate(touched):
        caption(root, name, f"{list(COLOURS)[number % 7]} tile")
    assert told(root, touched) != before
