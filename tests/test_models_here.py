"""Which models lie on this machine, and what they take."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.caches import size_of
from lib.embedding.mobilenet import MobileNet
from lib.embedding.registry import make_embedder
from lib.models_here import ModelHere, models_here
from lib.settings import Settings
from tests.doubles.tiny_models import tiny_blip


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with BLIP and the weights of MobileNet, and nothing of the machine's own."""
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    tiny_blip(tmp_path / "blip-image-captioning-base")
    (tmp_path / MobileNet.file).write_bytes(b"x" * 1_000)
    return tmp_path


def found(settings: Settings) -> dict[str, ModelHere]:
    return {model.label: model for model in models_here(settings, {}, {})}


def test_models_in_the_administrators_folder_are_told_with_their_size(configured: Settings, models: Path) -> None:
    here = found(configured.model_copy(update={"models_folder": models}))
    blip = here["BLIP base"]
    assert blip.disk == size_of(models / "blip-image-captioning-base") > 10_000
    assert blip.memory > 10_000
    assert not blip.is_loaded
    assert here["MobileNet"].disk == 1_000
    assert (here["SmolVLM 256M"].disk, here["SmolVLM 256M"].memory) == (None, 0)
    assert "TF-IDF" not in here


def test_what_was_made_already_is_asked_whether_it_is_loaded(configured: Settings, models: Path) -> None:
    embedder = make_embedder("mobilenet", configured)
    embedder._model = object()
    (told,) = [one for one in models_here(configured, {}, {"mobilenet": embedder}) if one.label == "MobileNet"]
    assert told.is_loaded
