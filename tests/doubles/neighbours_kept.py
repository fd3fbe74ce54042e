"""How much of who is near whom a map keeps, and vectors to try it on."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

NEAREST = 15


def neighbours_kept(vectors: np.ndarray, places: np.ndarray) -> float:
    """The share of the 15 nearest of each row of `vectors` that are among the 15 nearest of its row of `places`."""
    near = [_nearest(rows.astype(np.float64)) for rows in (vectors, places)]
    return float(np.mean([len(set(one) & set(other)) / NEAREST for one, other in zip(*near, strict=True)]))


def _nearest(rows: np.ndarray) -> np.ndarray:
    squares = np.square(rows).sum(axis=1)
    distances = squares[:, None] - 2 * rows @ rows.T + squares
    np.fill_diagonal(distances, np.inf)
    return np.argpartition(distances, NEAREST, axis=1)[:, :NEAREST]


def drawn_vectors(count: int, groups: int = 40, width: int = 64, seed: int = 0) -> np.ndarray:
    """Vectors of length 1 round so many centres, those round centres of their own, as captions are about things."""
    draw = np.random.default_rng(seed)
    large = draw.normal(size=(5, width))
    centres = large[draw.integers(0, len(large), groups)] + draw.normal(scale=0.6, size=(groups, width))
    found = centres[draw.integers(0, groups, count)] + draw.normal(scale=0.25, size=(count, width))
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def repeated(vectors: np.ndarray, count: int, noise: float = 0.03) -> np.ndarray:
    """So many vectors, made of those at hand by repetition with noise."""
    draw, found = np.random.default_rng(0), np.empty((count, vectors.shape[1]), np.float32)
    for start in range(0, count, len(vectors)):
        part = vectors[: count - start]
        rows = part + draw.normal(0, noise, part.shape).astype(np.float32)
        found[start : start + len(part)] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return found


def first_captions(test_data: Path) -> list[str]:
    """One caption of each of 1,900 photos of Flickr8k."""
    captions: dict[str, str] = {}
    with (test_data / "photos" / "flickr8k_2000" / "captions.txt").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            captions.setdefault(row["image"], row["caption"])
    return list(captions.values())
