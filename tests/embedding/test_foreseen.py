"""What embedding would take is told without a model, without a picture opened, and without a file written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lib.embedding.foreseen import Foreseen, foresee_pictures, foresee_texts
from lib.embedding.many import Pictures, embed_pictures, embed_texts
from lib.errors import Cancelled
from lib.images import load_square
from tests.doubles.embedder import ColourEmbedder, WordEmbedder
from tests.doubles.image_folder import draw_image
from tests.doubles.onlooker import stop_at


class Unloadable(ColourEmbedder):
    def _load(self) -> Any:
        raise AssertionError("it was loaded")


class Elsewhere(WordEmbedder):
    @property
    def id(self) -> str:
        raise AssertionError("it was fetched")

    def is_here(self) -> bool:
        return False


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for number, name in enumerate(NAMES[:3]):
        draw_image(tmp_path / "photos" / name, number=number)
    (tmp_path / "photos" / "copy.png").write_bytes((tmp_path / "photos" / "a.png").read_bytes())
    return tmp_path / "photos"


NAMES = ["a.png", "b.png", "c.png", "copy.png"]


def test_pictures_that_are_new_are_told_apart_from_copies_and_those_with_a_vector(photos: Path, tmp_path: Path) -> None:
    folder = tmp_path / "vectors"
    assert foresee_pictures(photos, NAMES, Unloadable(), folder) == Foreseen(3, 1)
    assert not folder.exists()
    some = Pictures(photos, NAMES[:2], lambda path, side: np.asarray(load_square(path, side)))
    embed_pictures(some, ColourEmbedder(), folder)
    before = {path: path.read_bytes() for path in folder.rglob("*.f32")}
    assert foresee_pictures(photos, NAMES, Unloadable(), folder) == Foreseen(1, 3)
    assert {path: path.read_bytes() for path in folder.rglob("*.f32")} == before


def test_a_picture_that_cannot_be_read_is_named(photos: Path, tmp_path: Path) -> None:
    found = foresee_pictures(photos, ["a.png", "gone.png"], Unloadable(), tmp_path / "vectors")
    assert (found.new, [name for name, _ in found.failed]) == (1, ["gone.png"])


def test_it_can_be_broken_off(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        foresee_pictures(photos, NAMES, Unloadable(), tmp_path / "vectors", stop_at(2))


def test_equal_captions_are_one_vector(tmp_path: Path) -> None:
    assert foresee_texts(["a cat", " a cat", "a dog"], WordEmbedder(), tmp_path) == Foreseen(2, 1)
    embed_texts([("a", "a cat")], WordEmbedder(), tmp_path)
    assert foresee_texts(["a cat", " a cat", "a dog"], WordEmbedder(), tmp_path) == Foreseen(1, 2)


def test_a_model_that_is_elsewhere_is_not_fetched_to_be_told_about(tmp_path: Path) -> None:
    assert foresee_texts(["a cat"], Elsewhere(), tmp_path) == Foreseen(1, 0, is_here=False)
