"""What clustering gives: numbered clusters with names, quality and a place on the map for every sample."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from lib.clustering.layouts import QUICK
from lib.column_texts import texts_at
from lib.domain import ClusterSpec, Outcome

if TYPE_CHECKING:
    import numpy as np

MOST_CLUSTERS = 500
"""Nobody looks through more, and k-means takes time and memory by their number."""

OWN_COLUMNS, OF_A_JOB = "own columns", "captioner run cluster"
"""What stands in `model` of a result that was made elsewhere: by a table's own columns, or by a job."""


class Matrix(Protocol):
    """Rows that can be read a slice at a time: an array, or vectors that stay on disk."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, part: slice, /) -> np.ndarray: ...


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster. `number` counts from 0: by size at first, later as clusters before were numbered that it overlaps.

    `words` are what its captions say more often than others. `silhouette` is from -1 to 1. `typical` and `unusual` are
    places in the result's `names`: nearest to the centre first, and farthest from it first.
    """

    number: int
    size: int
    words: tuple[str, ...]
    silhouette: float
    typical: tuple[int, ...]
    unusual: tuple[int, ...]
    colour_kept: int | None = None
    """The colour of the cluster before that it overlaps; None for the colour of its number."""

    @property
    def colour(self) -> int:
        """Which colour it has on the map, counted from 0."""
        return self.number if self.colour_kept is None else self.colour_kept

    @property
    def name(self) -> str:
        """Foreign text: never to be shown as markdown."""
        return ", ".join(self.words) or f"cluster {self.number}"

    @property
    def label(self) -> str:
        """The number and the name. Foreign text."""
        return " – ".join([str(self.number), *filter(None, [", ".join(self.words)])])


@dataclass(frozen=True, slots=True, eq=False)
class ClusterResult:
    """n samples in clusters. All arrays have n rows, in the order of `names`.

    `labels`: the cluster's number of each sample, int32. `points`: its place on the map, float32 of shape (n, 2), by
    `layout`, for the eye only. `keys`: the content hash of what it was embedded from, uint8 of shape (n, 16).
    `model`: the embedder's id. `explained_variance`: the share, 0 to 1, of the vectors' variance in the `dimensions`
    that were clustered. `left_out`: how many samples take no part, by reason.
    """

    spec: ClusterSpec
    model: str
    names: Sequence[str]
    labels: np.ndarray
    points: np.ndarray
    keys: np.ndarray
    clusters: tuple[Cluster, ...]
    silhouette: float
    inertia: float
    dimensions: int
    explained_variance: float
    left_out: Mapping[str, int] = field(default_factory=dict)
    failed: tuple[Outcome, ...] = ()
    """The images among those left out that cannot be opened, each with its reason."""
    layout: str = QUICK
    layout_id: str = ""
    """Stays while the map is the same one: with other clusters upon it, and with samples that came to it."""
    notes: tuple[str, ...] = ()
    """What was made of a sample because there are so many, in clauses to be shown; empty for up to `MANY` samples."""

    @property
    def id(self) -> str:
        """Changes with the clusters, their names and the map; not with the names of images."""
        digest = hashlib.sha256(self.labels.tobytes())
        digest.update(self.points.tobytes())
        said = (f"{cluster.colour} {cluster.name}" for cluster in self.clusters)
        digest.update("\0".join(said).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()[:16]

    @property
    def is_brought(self) -> bool:
        """Made elsewhere: how good it is, nobody has measured."""
        return self.model in (OWN_COLUMNS, OF_A_JOB)

    def renamed(self, new_names: Mapping[str, str]) -> ClusterResult:
        """The same clusters with images under their new names, by the old ones."""
        return replace(self, names=tuple(new_names.get(name, name) for name in self.names))

    def members(self, number: int) -> tuple[str, ...]:
        """The names of a cluster's samples, in the dataset's order."""
        return tuple(texts_at(self.names, (self.labels == number).nonzero()[0]))
