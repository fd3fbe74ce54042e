"""Clusters of images against clusters of tags: what looks alike but is described differently, and the reverse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.clustering.base import ClusterResult

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Crosstab:
    """Samples that are in both results. `counts`: int64 of shape (image clusters, tag clusters)."""

    counts: np.ndarray
    names: tuple[str, ...]
    images: np.ndarray
    tags: np.ndarray

    def cell(self, image_cluster: int, tag_cluster: int) -> tuple[str, ...]:
        """The samples of an image cluster that are in a tag cluster."""
        places = ((self.images == image_cluster) & (self.tags == tag_cluster)).nonzero()[0]
        return tuple(self.names[place] for place in places)


def crosstab(images: ClusterResult, tags: ClusterResult) -> Crosstab:
    """Counts the samples of each image cluster by tag cluster; samples of one result only are left out."""
    import numpy as np

    tag_of = dict(zip(tags.names, tags.labels.tolist(), strict=True))
    image_of = zip(images.names, images.labels.tolist(), strict=True)
    both = [(name, label, tag_of[name]) for name, label in image_of if name in tag_of]
    rows = np.fromiter((row for _, row, _ in both), np.int32, len(both))
    columns = np.fromiter((column for _, _, column in both), np.int32, len(both))
    counts = np.zeros((len(images.clusters), len(tags.clusters)), np.int64)
    np.add.at(counts, (rows, columns), 1)
    return Crosstab(counts, tuple(name for name, _, _ in both), rows, columns)
