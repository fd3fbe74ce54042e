"""CLIP and SigLIP, on tiny random ones that are loaded and run by the real code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import constants

from lib.errors import ModelUnavailable
from lib.review import ReviewOptions, review, samples_under_review
from lib.review.agreement.joint_model import JointModel
from lib.settings import Settings, settings
from tests.doubles.tiny_models import tiny_clip, tiny_siglip
from tests.review.agreement.drawn import drawn_samples, embedder_for
from tests.review.opened import opened

NAME = "siglip-base-patch16-224"
PICTURES = np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3), np.uint8)


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture(params=[tiny_clip, tiny_siglip])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> JointModel:
    make: Callable[[Path], Path] = request.param
    make(tmp_path / "models" / NAME)
    return JointModel(Settings(models_folder=tmp_path / "models"))


def test_pictures_and_texts_come_into_one_space(model):
    seen, read = model.pictures.embed(PICTURES), model.texts.embed(["a cat", "two red dog"])
    assert seen.shape == (3, model.pictures.dimensions)
    assert read.shape == (2, seen.shape[1])
    np.testing.assert_allclose(np.linalg.norm(np.concatenate([seen, read]), axis=1), 1, atol=1e-5)
    assert model.pictures.id != model.texts.id


def test_a_picture_has_the_same_vector_in_any_batch(model):
    np.testing.assert_allclose(model.pictures.embed(PICTURES)[1:2], model.pictures.embed(PICTURES[1:2]), atol=1e-5)


def test_of_a_text_that_is_too_long_the_end_counts_too(model):
    long = " ".join(["a red cat on the sofa"] * 3)
    one, other = model.texts.embed([long + " with two people", long + " blue sky and dog"])
    assert not np.allclose(one, other, atol=1e-4)


def test_the_model_is_loaded_once_for_both_sides_and_let_go(model):
    model.pictures.load()
    model.texts.load()
    assert model.load() is model.load()
    assert model.pictures.release()
    assert model.texts.release()
    assert model._parts is not None
    assert model._parts() is None


def test_where_it_is_neither_here_nor_to_be_had_the_review_says_so_and_goes_on(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelUnavailable, match="SigLIP"):
        JointModel(Settings(home=tmp_path / "home")).pictures.load()
    drawn_samples(tmp_path / "set", 40)
    found = review(opened(tmp_path / "set", embedder_for, scorer="clip").samples, ["agreement", "captions"])
    assert "HF_HUB_OFFLINE" in found.failed["agreement"]
    assert len(found.not_measured) >= 40
    assert found.checks == ("agreement", "captions")


def test_every_sample_is_scored_and_told_by_which_model(tmp_path):
    tiny_siglip(tmp_path / "models" / NAME)
    drawn_samples(tmp_path / "set", 40)
    one = opened(tmp_path / "set")
    chosen = settings().model_copy(update={"models_folder": tmp_path / "models"})
    samples = samples_under_review(
        tmp_path / "set", one.samples.records, chosen, ReviewOptions(scorer="clip"), embedder_for
    )
    found = review(samples, ["agreement"])
    assert found.failed == {}
    assert len(found.scores["agreement"]) == 40
    assert "Measured by SigLIP." in found.notes
