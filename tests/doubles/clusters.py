"""Clusters that are kept on disk as if somebody had made them, whatever the samples are like."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lib.clustering import Cluster, ClusterResult, result_path, save_result
from lib.domain import By, ClusterSpec
from lib.settings import Settings


def keep_clusters(settings: Settings, folder: Path, groups: Sequence[Sequence[str]], by: By = "tags") -> ClusterResult:
    """Keep one cluster for each group of images; the word of a cluster is "word" with its number."""
    names = tuple(sorted(name for group in groups for name in group))
    number = {name: place for place, group in enumerate(groups) for name in group}
    result = ClusterResult(
        spec=ClusterSpec(by, "tfidf" if by == "tags" else "resnet50v2", len(groups)),
        model="m",
        names=names,
        labels=np.array([number[name] for name in names], np.int32),
        points=np.arange(2 * len(names), dtype=np.float32).reshape(-1, 2),
        keys=np.zeros((len(names), 16), np.uint8),
        clusters=tuple(
            Cluster(place, len(group), (f"word{place}",), 0.0, (), ()) for place, group in enumerate(groups)
        ),
        silhouette=0.0,
        inertia=0.0,
        dimensions=2,
        explained_variance=1.0,
    )
    save_result(result_path(settings.owner_folder("local"), folder, by), result)
    return result
