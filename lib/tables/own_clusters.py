"""Clusters that a table brings along: whole numbers in its column `cluster`, places in `x` and `y`.

So `captioner run cluster` writes them, and they may stand beside the captions. Nothing is clustered for them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

from lib.clustering import MOST_CLUSTERS, Cluster, ClusterResult, map_sample
from lib.clustering.naming import count_terms, name_clusters
from lib.clustering.quality import SHOWN, by_distance
from lib.domain import ClusterSpec
from lib.embedding.hashes import text_keys
from lib.tables.reading import TableFiles, parquet_file, told
from lib.words import stop_words

if TYPE_CHECKING:
    import numpy as np
    import pyarrow

    from lib.record_columns import ColumnRecords

OWN_COLUMNS = "own columns"
"""What stands in `model` of such a result."""
COLUMNS = ("cluster", "x", "y")
_NAMED_BY = 20_000
"""Captions that the clusters are named by: the words of a million take ten seconds."""


def own_clusters(files: TableFiles, rows: ColumnRecords) -> ClusterResult | None:
    """The clusters of a table's own columns, of the rows that have a caption; None where it brings none.

    Rows without a number of 0 or more, or without a place, are left out, and told. Numbers with gaps are closed up.
    Raises InvalidInput, PlaceFailed.
    """
    import numpy as np

    found = _read(files)
    if found is None or len(found[0]) != len(rows):
        return None
    labels, points = found
    reasons = {
        "no caption": ~rows.are_tagged(),
        "no cluster in the table": labels < 0,
        "no place in the table": ~np.isfinite(points).all(axis=1),
    }
    left_out: Counter[str] = Counter()
    stays = np.ones(len(labels), bool)
    for reason, lacks in reasons.items():
        left_out[reason] = int((stays & lacks).sum())
        stays &= ~lacks
    numbers, labels = np.unique(labels[stays], return_inverse=True)
    if not 0 < len(numbers) <= MOST_CLUSTERS:
        return None
    shown = rows if stays.all() else rows.at(stays.nonzero()[0])
    points, labels = points[stays], labels.astype(np.int32)
    notes = ["clusters and places are the table's own columns"]
    if numbers[-1] >= len(numbers):
        notes.append(f"its numbers up to {numbers[-1]:,} are counted anew from 0")
    return ClusterResult(
        spec=ClusterSpec(k=len(numbers)),
        model=OWN_COLUMNS,
        names=shown.names,
        labels=labels,
        points=points,
        keys=text_keys(shown.texts),
        clusters=_described(shown, labels, points, len(numbers)),
        silhouette=0.0,
        inertia=0.0,
        dimensions=points.shape[1],
        explained_variance=0.0,
        left_out={reason: count for reason, count in left_out.items() if count},
        layout_id=hashlib.sha256(points.tobytes()).hexdigest()[:16],
        notes=tuple(notes),
    )


def _read(files: TableFiles) -> tuple[np.ndarray, np.ndarray] | None:
    """(numbers, int64, -1 where there is none; places, float32 of shape (n, 2)); None where a file lacks them."""
    import numpy as np

    labels, points = [np.empty(0, np.int64)], [np.empty((0, 2), np.float32)]
    for name in files.names:
        with files.place.open(name) as file, told(f"{files.place}/{name}"), parquet_file(file) as table:
            if not _are_there(table.schema_arrow):
                return None
            for group in range(table.num_row_groups):
                read = table.read_row_group(group, columns=list(COLUMNS), use_threads=False)
                numbers = read["cluster"].cast("int64").fill_null(-1)
                places = [read[axis].cast("float32").fill_null(float("nan")).to_numpy() for axis in ("x", "y")]
                labels.append(numbers.to_numpy())
                points.append(np.stack(places, axis=1))
    return np.concatenate(labels), np.concatenate(points)


def _are_there(schema: pyarrow.Schema) -> bool:
    import pyarrow

    if any(schema.names.count(name) != 1 for name in COLUMNS):
        return False
    cluster, *places = (schema.field(name).type for name in COLUMNS)
    is_number = [pyarrow.types.is_floating(one) or pyarrow.types.is_integer(one) for one in places]
    return bool(pyarrow.types.is_integer(cluster)) and all(is_number)


def _described(rows: ColumnRecords, labels: np.ndarray, points: np.ndarray, k: int) -> tuple[Cluster, ...]:
    """The clusters with the words of their captions; typical is what lies in the middle of one on the map."""
    import numpy as np

    # Some of each: every so-many-th row would pass over clusters where rows come in a rhythm.
    chosen = map_sample(labels, points, _NAMED_BY)
    names = name_clusters(count_terms(rows.at(chosen).texts, stop_words()), labels[chosen], k)
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
