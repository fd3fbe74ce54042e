"""The map that goes along with an export: one that is named, the latest that is kept, or what a table brings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from lib.dataset.base import Dataset
from lib.errors import FolderRefused
from lib.exporting.base import MapPoint
from lib.map_points import kept_points, points_in, points_of
from lib.tables.cluster_sink import cluster_sink, take_clusters
from lib.tables.dataset import TableDataset


def map_along(folder: Path, dataset: Dataset) -> Mapping[str, MapPoint]:
    """The latest map that an owner's folder keeps, else that of a table's own columns; empty where there is none."""
    if kept := kept_points(folder, dataset):
        return kept
    own = dataset.own_clusters().result if isinstance(dataset, TableDataset) else None
    return points_of(own) if own is not None else {}


def map_named(path: Path, dataset: Dataset) -> Mapping[str, MapPoint]:
    """The map in a file of `cluster --out`, or in a sink of `run cluster`. Raises InvalidInput for any other."""
    sink = cluster_sink(str(path), real_path) if path.is_dir() else None
    return points_in(path) if sink is None else points_of(take_clusters(sink, dataset))


def real_path(text: str) -> Path:
    """Of what is there: the command line opens whatever its owner can. Raises FolderRefused."""
    if not os.path.lexists(text):
        raise FolderRefused(f"There is no folder “{text}”.", "Was it moved, or deleted?")
    return Path(text).resolve()
