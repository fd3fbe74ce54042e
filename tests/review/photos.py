"""1,900 real photos as a dataset, their vectors made once for a test run, and measures of what is found among them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lib.clustering.kmeans import partition
from lib.clustering.samples import embed_records
from lib.domain import ImageRecord, SidecarState
from lib.embedding.base import Embedder
from lib.embedding.registry import make_embedder
from lib.settings import Settings
from tests.doubles.minilm import minilm

SEEDS = range(5)


@dataclass
class Photos:
    """Photos with one caption each. `pictures` and `captions` are their vectors, `keys` stand for the pictures."""

    root: Path
    records: list[ImageRecord]
    pictures: np.ndarray
    captions: np.ndarray
    keys: list[bytes]


def embedders(home: Path, test_data: Path) -> dict[str, Embedder]:
    """The small ones that a test machine has."""
    settings = Settings(home=home, mobilenet=test_data / "weights", sbert=minilm())
    return {name: make_embedder(name, settings) for name in ("mobilenet", "sbert")}


def photos(test_data: Path, home: Path) -> Photos:
    """Every photo with its first caption; embedding them takes half a minute."""
    folder = test_data / "photos" / "flickr8k_2000"
    first: dict[str, str] = {}
    with (folder / "captions.txt").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            first.setdefault(row["image"], row["caption"])
    root = folder / "Images"
    records = [ImageRecord(name, ".txt", first[name], SidecarState.TEXT) for name in sorted(first)]
    by = embedders(home, test_data)
    seen = embed_records(root, records, by["mobilenet"], home / "vectors")
    read = embed_records(root, records, by["sbert"], home / "vectors")
    count = len(records)
    return Photos(root, records, seen.vectors[0:count], read.vectors[0:count], list(seen.keys))


def exchanged(count: int, seed: int, groups: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Whose caption each sample gets, a tenth of them another's, within its group; and which they are."""
    rng = np.random.default_rng(seed)
    places, is_wrong = np.arange(count), np.zeros(count, bool)
    for group in np.unique(groups) if groups is not None else [0]:
        members = np.arange(count) if groups is None else np.flatnonzero(groups == group)
        wrong = rng.choice(members, round(len(members) / 10), replace=False)
        if len(wrong) > 1:
            places[wrong], is_wrong[wrong] = np.roll(wrong, 1), True
    return places, is_wrong


def look_alike(pictures: np.ndarray) -> np.ndarray:
    """Twenty clusters of pictures."""
    points = ((pictures - pictures.mean(0)) / (pictures.std(0) + 1e-6)).astype(np.float32)
    return partition(points, 20).labels


def auroc(scores: np.ndarray, is_wrong: np.ndarray) -> float:
    """How often a wrong one has a lower score than a right one."""
    order = np.argsort(np.argsort(scores)) + 1
    wrong = int(is_wrong.sum())
    below = order[~is_wrong].sum() - (len(scores) - wrong) * (len(scores) - wrong + 1) / 2
    return float(below / (wrong * (len(scores) - wrong)))


def wrong_among_worst(scores: np.ndarray, is_wrong: np.ndarray) -> float:
    """Their share of the worst twentieth."""
    return float(is_wrong[np.argsort(scores, kind="stable")[: round(len(scores) / 20)]].mean())
