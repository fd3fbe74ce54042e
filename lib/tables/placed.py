"""Clusters that were made elsewhere, by their numbers and places: samples joined to them, described, none made anew."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.clustering import MOST_CLUSTERS, Cluster, ClusterResult, map_sample
from lib.clustering.naming import count_terms, name_clusters
from lib.clustering.quality import SHOWN, by_distance
from lib.domain import ClusterSpec, ImageRecord
from lib.embedding.hashes import text_keys
from lib.errors import InvalidInput
from lib.record_columns import ColumnRecords
from lib.records import at_places, names_of, texts_of
from lib.words import stop_words

if TYPE_CHECKING:
    import numpy as np
    import pyarrow

COLUMNS = ("cluster", "x", "y")
_NAMED_BY = 20_000
"""Captions that the clusters are named by: the words of a million take ten seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class GivenPlaces:
    """What each of n samples has: `numbers` int64, -1 for no cluster; `points` float32 (n, 2), NaN for no place.

    `keys`: the hashes of what they were embedded from, uint8 (n, 16); None where they are those of the captions.
    `nowhere`: what is said of samples without a cluster.
    """

    numbers: np.ndarray
    points: np.ndarray
    keys: np.ndarray | None = None
    nowhere: str = "no cluster in the table"


def numbers_and_places(rows: pyarrow.Table) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of clusters of some rows, int64, -1 for none, and their places, float32 (n, 2), NaN for none."""
    import numpy as np

    numbers = rows["cluster"].cast("int64").fill_null(-1).to_numpy()
    axes = [rows[axis].cast("float32").fill_null(float("nan")).to_numpy() for axis in ("x", "y")]
    return numbers, np.stack(axes, axis=1)


def placed_clusters(
    records: Sequence[ImageRecord], placed: GivenPlaces, spec: ClusterSpec, model: str, notes: Sequence[str] = ()
) -> ClusterResult:
    """The clusters of records as they are placed, by tags of those that have a caption. Gaps in numbers are closed.

    Those that take no part are left out, and told. `spec` without its number of clusters. Raises InvalidInput where
    nothing is left, and where there are more clusters than can be shown.
    """
    import numpy as np

    numbers, points = placed.numbers, placed.points
    reasons = {
        "no caption": ~_are_tagged(records) if spec.by == "tags" else np.zeros(len(records), bool),
        placed.nowhere: numbers < 0,
        "no place in the table": ~np.isfinite(points).all(axis=1),
    }
    left_out: Counter[str] = Counter()
    stays = np.ones(len(numbers), bool)
    for reason, lacks in reasons.items():
        left_out[reason] = int((stays & lacks).sum())
        stays &= ~lacks
    # Nothing is copied where all rows take part.
    taken = slice(None) if stays.all() else stays
    found = np.unique(numbers[taken])
    if not len(found):
        why = ", ".join(f"{count:,} with {reason}" for reason, count in left_out.items() if count)
        raise InvalidInput(f"no sample has a caption, a cluster and a place: {why}." if why else "it has no row.")
    if len(found) > MOST_CLUSTERS:
        raise InvalidInput(f"it has {len(found):,} clusters, and {MOST_CLUSTERS:,} at most can be shown.")
    shown = records if stays.all() else at_places(records, stays.nonzero()[0])
    # By search: of a million rows what `unique` gives for each would take 40 MB.
    points, labels = points[taken], np.searchsorted(found, numbers[taken]).astype(np.int32)
    said = list(notes)
    if found[-1] >= len(found):
        said.append(f"its numbers up to {found[-1]:,} are counted anew from 0")
    return ClusterResult(
        spec=ClusterSpec(spec.by, spec.method, len(found), spec.seed, spec.layout),
        model=model,
        names=shown.names if isinstance(shown, ColumnRecords) else tuple(names_of(shown)),
        labels=labels,
        points=points,
        keys=text_keys(texts_of(shown)) if placed.keys is None else placed.keys[taken],
        clusters=_described(shown, labels, points, len(found)),
        silhouette=0.0,
        inertia=0.0,
        dimensions=points.shape[1],
        explained_variance=0.0,
        left_out={reason: count for reason, count in left_out.items() if count},
        layout_id=hashlib.sha256(points.tobytes()).hexdigest()[:16],
        notes=tuple(said),
    )


def _are_tagged(records: Sequence[ImageRecord]) -> np.ndarray:
    import numpy as np

    if isinstance(records, ColumnRecords):
        return records.are_tagged()
    return np.fromiter((record.is_tagged for record in records), bool, len(records))


def _described(records: Sequence[ImageRecord], labels: np.ndarray, points: np.ndarray, k: int) -> tuple[Cluster, ...]:
    """The clusters with the words of their captions; typical is what lies in the middle of one on the map."""
    import numpy as np

    # Some of each: every so-many-th row would pass over clusters where rows come in a rhythm.
    chosen = map_sample(labels, points, _NAMED_BY)
    names = name_clusters(count_terms(texts_of(at_places(records, chosen)), stop_words()), labels[chosen], k)
    sizes = np.bincount(labels, minlength=k)
    sums = [np.bincount(labels, points[:, axis].astype(np.float64), minlength=k) / sizes for axis in (0, 1)]
    members = by_distance(points, labels, np.stack(sums, axis=1).astype(np.float32))
    return tuple(
        Cluster(
            number,
            len(mine),
            names[number],
            0.0,
            tuple(mine[:SHOWN].tolist()),
            tuple(mine[: -SHOWN - 1 : -1].tolist()),
        )
        for number, mine in enumerate(members)
    )
