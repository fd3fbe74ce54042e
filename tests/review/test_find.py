"""Words find pictures and captions, also pictures without a caption, and one sample finds those like it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lib.embedding.base import WAYS_OUT
from lib.embedding.resnet50v2 import ResNet50V2
from lib.errors import InvalidInput, MemoryShort, ModelUnavailable
from lib.images import Picture, load_square
from lib.review import ReviewOptions, samples_under_review
from lib.review.agreement.joint_map import fit
from lib.review.agreement.joint_model import JointModel
from lib.review.find import MeaningIndex, meaning_index
from lib.review.ways_out import with_way_out
from lib.settings import settings
from tests.doubles.embedder import WordEmbedder
from tests.doubles.tiny_models import tiny_clip, tiny_siglip
from tests.review.agreement.drawn import caption, drawn_samples, embedder_for
from tests.review.opened import opened
from tests.review.photos import SEEDS, Photos


@pytest.fixture
def root(tmp_path: Path) -> Path:
    drawn_samples(tmp_path / "set")
    return tmp_path / "set"


def index(root: Path) -> MeaningIndex:
    return meaning_index(opened(root, embedder_for).samples)


GOLDEN = {f"photo{number:04}.png" for number in range(3, 140, 7)}


def test_words_find_pictures_and_captions(root):
    found = index(root).by_words("golden", top=20)
    assert {one.image for one in found} == GOLDEN
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_pictures_without_a_caption_are_found_by_words(root):
    for name in sorted(GOLDEN)[:4]:
        (root / name).with_suffix(".txt").unlink()
    assert {one.image for one in index(root).by_words("golden", top=20)} == GOLDEN
    assert {one.image for one in index(root).by_words("golden", top=20, among="pictures")} == GOLDEN
    captions = {one.image for one in index(root).by_words("golden", top=200, among="captions")}
    assert not captions & set(sorted(GOLDEN)[:4])


def test_a_sample_finds_those_like_it_by_picture_and_by_caption(root):
    caption(root, "photo0000.png", "golden paper")
    by = index(root)
    assert {one.image for one in by.like("photo0003.png", "images", 19)} == GOLDEN - {"photo0003.png"}
    assert "photo0000.png" in {one.image for one in by.like("photo0003.png", "tags", 20)}
    assert "photo0000.png" not in {one.image for one in by.like("photo0003.png", "images", 20)}


def test_what_it_finds_by_is_said(root):
    assert "captions by words and pictures by what the dataset's own captions say" in index(root).about


def test_with_few_captions_only_captions_are_found_and_that_is_said(root):
    for number in range(20, 140):
        (root / f"photo{number:04}.txt").unlink()
    by = index(root)
    assert by.about == "Finds captions by words."
    assert by.by_words("golden", 1)[0].image in GOLDEN
    with pytest.raises(InvalidInput, match="30 captioned pictures"):
        by.by_words("golden", among="pictures")


def test_no_words_and_unknown_images_are_refused(root):
    with pytest.raises(InvalidInput):
        index(root).by_words("  ")
    with pytest.raises(InvalidInput):
        index(root).like("nowhere.png")


def test_an_embedder_without_a_model_cannot_find_by_meaning(root):
    samples = opened(root, captions_method="tfidf").samples
    with pytest.raises(ModelUnavailable, match="TF-IDF"):
        meaning_index(samples)


def test_only_what_is_within_is_found_and_scores_stay_what_they_are(root):
    by = index(root)
    some = {"photo0003.png", "photo0010.png", "photo0001.png", "gone.png"}
    whole = {one.image: one.score for one in by.by_words("golden", 140)}
    found = by.by_words("golden", 50, within=some)
    assert {one.image for one in found} == some - {"gone.png"}
    assert found[-1].image == "photo0001.png"
    assert all(one.score == whole[one.image] for one in found)
    like = by.like("photo0003.png", "images", 2, within=some)
    assert [one.image for one in like] == ["photo0010.png", "photo0001.png"]


class Lost(WordEmbedder):
    """A model that is not here."""

    def _load(self) -> Any:
        raise ModelUnavailable("There is no model for words.", "Fetch it.")


def test_without_a_model_for_words_pictures_still_find_pictures(root):
    lost = Lost("lost-1")
    by = meaning_index(opened(root, lambda name: embedder_for(name) if name == "mobilenet" else lost,
                              images_method="mobilenet").samples)  # fmt: skip
    assert {one.image for one in by.like("photo0003.png", "images", 19)} == GOLDEN - {"photo0003.png"}
    with pytest.raises(ModelUnavailable, match="no model for words"):
        by.by_words("golden")
    with pytest.raises(ModelUnavailable, match="no model for words"):
        by.load()
    assert by.about == "Finds pictures that are alike."


def test_the_way_out_that_is_told_is_one_of_a_search():
    error = with_way_out(ModelUnavailable("Gone.", f"Fetch it. {WAYS_OUT}"), "Or find by keywords.")
    assert (type(error), str(error)) == (ModelUnavailable, "Gone. Fetch it. Or find by keywords.")
    short = with_way_out(MemoryShort("Too large.", ResNet50V2.lighter), "Or find by keywords.")
    assert str(short) == "Too large. Choose MobileNet, which needs 200 MB less. Or find by keywords."
    other = InvalidInput("No.", "Choose another image.")
    assert with_way_out(other, "Or find by keywords.") is other


@pytest.mark.parametrize("make", [tiny_clip, tiny_siglip])
def test_pictures_by_a_clip_are_found_by_its_own_text_side_with_no_caption_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Path]
) -> None:
    """The model is random, so what it finds is held against what its two sides say themselves."""
    make(tmp_path / "models" / "siglip-base-patch16-224")
    drawn_samples(tmp_path / "set", 8)
    for path in (tmp_path / "set").glob("*.txt"):
        path.unlink()
    chosen = settings().model_copy(update={"models_folder": tmp_path / "models"})
    records = opened(tmp_path / "set").samples.records
    options = ReviewOptions(captions_method="sbert", images_method="siglip")
    by = meaning_index(samples_under_review(tmp_path / "set", records, chosen, options))
    assert by.about == "Finds pictures by SigLIP."
    found = by.by_words("a red cat", 8)
    model = JointModel(chosen)
    squares = np.stack([np.asarray(load_square(Picture(tmp_path / "set", one.name), 224)) for one in records])
    likeness = model.pictures.embed(squares) @ model.texts.embed(["a red cat"])[0]
    assert [one.image for one in found] == [records[row].name for row in np.argsort(-likeness, kind="stable")]
    assert by.is_ready_for_words
    assert [one.image for one in by.by_words("a red cat", 8, "pictures")] == [one.image for one in found]
    with pytest.raises(InvalidInput, match="no caption"):
        by.like(records[0].name, "tags")


def test_a_way_to_compare_pictures_that_is_none_is_refused_with_the_list(root):
    with pytest.raises(InvalidInput, match="mobilenet, siglip"):
        meaning_index(opened(root, images_method="sbert", captions_method="sbert").samples)


@pytest.mark.slow
def test_words_find_uncaptioned_photos(flickr: Photos):
    found = []
    for seed in SEEDS:
        order = np.random.default_rng(seed).permutation(len(flickr.records))
        learnt, unseen = order[:1_500], order[1_500:]
        map = fit(flickr.pictures[learnt], flickr.captions[learnt])
        likeness = map.captions(flickr.captions[unseen]) @ map.pictures(flickr.pictures[unseen]).T
        rank = (likeness >= np.diag(likeness)[:, None]).sum(1)
        found.append((rank <= 10).mean())
    assert np.mean(found) >= 0.45
