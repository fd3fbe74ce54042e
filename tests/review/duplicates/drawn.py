"""Drawn pictures that differ, and twins of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from lib.embedding.base import Embedder, PictureEmbedder
from tests.doubles.embedder import WordEmbedder


class PatchEmbedder(PictureEmbedder):
    """The colours of sixteen patches, sorted, so that a cutting stays near its whole."""

    label = "patches"
    side = 16

    @property
    def id(self) -> str:
        return "patches-1"

    @property
    def dimensions(self) -> int:
        return 48

    def is_here(self) -> bool:
        return True

    def _load(self) -> PatchEmbedder:
        return self

    def _embed(self, model: object, batch: np.ndarray) -> np.ndarray:
        patches = batch.astype(np.float32).reshape(-1, 4, 4, 4, 4, 3).mean((2, 4)).reshape(-1, 16, 3)
        return np.sort(patches, 1).reshape(-1, 48) + 1


_PICTURES, _WORDS = PatchEmbedder(), WordEmbedder()


def embedder_for(name: str) -> Embedder:
    return _PICTURES if name in ("resnet50v2", "mobilenet") else _WORDS


def picture(number: int, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """Soft blots of colour; each number gives another picture."""
    blots = np.random.default_rng(number).integers(0, 256, (9, 12, 3), np.uint8)
    return Image.fromarray(blots).resize(size, Image.Resampling.BICUBIC)


def drawn_set(root: Path, count: int = 30) -> Path:
    """Different pictures with a caption each."""
    root.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        picture(number).save(root / f"photo{number:02}.jpg", quality=92)
        (root / f"photo{number:02}.txt").write_text(f"a picture of blots, number {number}")
    return root


def add(root: Path, name: str, image: Image.Image, caption: str = "", **options: object) -> None:
    """A picture more, with its caption."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    if caption:
        path.with_suffix(".txt").write_text(caption)
