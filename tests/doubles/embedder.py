"""Embedders without a model: a caption's vector tells its words, a picture's its mean colour."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.embedding.base import Embedder, PictureEmbedder
from lib.text import words


class WordEmbedder(Embedder):
    """Counts a caption's words into 16 values by their first letter. `batches` lists what it was given."""

    by = "tags"
    label = "words"
    batch = 4

    def __init__(self, name: str = "words-1") -> None:
        super().__init__()
        self._name = name
        self.batches: list[list[str]] = []
        self.loads = 0

    @property
    def id(self) -> str:
        return self._name

    @property
    def dimensions(self) -> int:
        return 16

    def is_here(self) -> bool:
        return True

    def _load(self) -> Any:
        self.loads += 1
        return self

    def _embed(self, model: Any, batch: list[str]) -> np.ndarray:
        self.batches.append(list(batch))
        vectors = np.zeros((len(batch), 16), np.float32)
        for row, text in zip(vectors, batch, strict=True):
            for word in words(text.lower()):
                row[ord(word[0]) % 16] += 1
        return vectors


class ColourEmbedder(PictureEmbedder):
    """The mean colour of a picture. `sizes` lists the sizes of the batches it was given."""

    label = "colours"
    batch = 4
    side = 8

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    @property
    def id(self) -> str:
        return "colours-1"

    @property
    def dimensions(self) -> int:
        return 3

    def is_here(self) -> bool:
        return True

    def _load(self) -> Any:
        return self

    def _embed(self, model: Any, batch: np.ndarray) -> np.ndarray:
        assert batch.shape[1:] == (8, 8, 3)
        assert batch.dtype == np.uint8
        self.sizes.append(len(batch))
        return batch.astype(np.float32).mean(axis=(1, 2))
