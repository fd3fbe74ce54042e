"""A folder of cats and dogs, and stand-ins for the two large models."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib import cache
from tests.doubles.embedder import ColourEmbedder, WordEmbedder
from tests.doubles.image_folder import image_folder

CATS = [f"cat purrs, number {n}" for n in range(6)]
DOGS = [f"dog barks, number {n}" for n in range(4)]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Six cats, four dogs, and one photo without a tag; cats and dogs take turns in the pictures' colours."""
    captions: dict[str, str | bytes | None] = {f"c{n}.jpg": text for n, text in enumerate(CATS)}
    captions |= {f"d{n}.jpg": text for n, text in enumerate(DOGS)} | {"e.jpg": None}
    return image_folder(tmp_path / "photos", captions)


@pytest.fixture(autouse=True)
def embedders(local_server: None) -> tuple[WordEmbedder, ColourEmbedder]:
    """What stands in for the two large models; TF-IDF is the real one."""
    words, colours = WordEmbedder(), ColourEmbedder()
    cache.embedders().get("sbert", lambda: words)
    cache.embedders().get("resnet50v2", lambda: colours)
    return words, colours
