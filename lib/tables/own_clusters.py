"""Clusters that a table brings along: whole numbers in its column `cluster`, places in `x` and `y`.

So `captioner run cluster` writes them, and they may stand beside the captions. Nothing is clustered for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.clustering import OWN_COLUMNS, ClusterResult
from lib.domain import ClusterSpec
from lib.errors import InvalidInput, PlaceFailed
from lib.tables.placed import COLUMNS, GivenPlaces, numbers_and_places, placed_clusters
from lib.tables.reading import TableFiles, parquet_file, told

if TYPE_CHECKING:
    from lib.record_columns import ColumnRecords

_OTHER_ROWS = "it has other rows by now. Open it again."


@dataclass(frozen=True, slots=True)
class OwnClusters:
    """What a table brings. `why_none`: a sentence where it has all three columns and they cannot be shown, else ""."""

    result: ClusterResult | None = None
    why_none: str = ""


def own_clusters(files: TableFiles, rows: ColumnRecords) -> OwnClusters:
    """The clusters of a table's own columns, of the rows that have a caption; nothing of one that brings none.

    Rows without a number of 0 or more, or without a place, are left out, and told. Numbers with gaps are closed up.
    """
    try:
        found = _read(files, len(rows))
        if found is None:
            return OwnClusters()
        notes = ["clusters and places are the table's own columns"]
        return OwnClusters(placed_clusters(rows, found, ClusterSpec(), OWN_COLUMNS, notes))
    except (InvalidInput, PlaceFailed) as error:
        # Captions were read, and clusters can be made of them.
        return OwnClusters(why_none=f"The clusters that this table brings are not shown: {error.message}")


def _read(files: TableFiles, count: int) -> GivenPlaces | None:
    """Of `count` rows; None where the files lack the columns.

    Raises InvalidInput where some do, where they are of another kind, or of other rows; PlaceFailed.
    """
    import numpy as np

    without = [name for name in files.names if not _brings(files, name)]
    if len(without) == len(files.names):
        return None
    if without:
        raise InvalidInput(f"“{without[0]}” lacks a column of {', '.join(COLUMNS)}.")
    numbers, points, at = np.empty(count, np.int64), np.empty((count, 2), np.float32), 0
    for name in files.names:
        with files.place.open(name) as file, told(f"{files.place}/{name}"), parquet_file(file) as table:
            for group in range(table.num_row_groups):
                read = table.read_row_group(group, list(COLUMNS), use_threads=False)
                here = slice(at, at := at + len(read))
                if at > count:
                    raise InvalidInput(_OTHER_ROWS)
                numbers[here], points[here] = numbers_and_places(read)
    if at != count:
        raise InvalidInput(_OTHER_ROWS)
    return GivenPlaces(numbers, points)


def _brings(files: TableFiles, name: str) -> bool:
    """Whether a file has all three columns. Raises InvalidInput where they are no numbers."""
    import pyarrow

    with files.place.open(name) as file, told(f"{files.place}/{name}"), parquet_file(file) as table:
        schema = table.schema_arrow
    if not set(COLUMNS) <= set(schema.names):
        return False
    for column in COLUMNS:
        if schema.names.count(column) > 1:
            raise InvalidInput(f"its column “{column}” is there twice.")
        kind = schema.field(column).type
        if column == "cluster" and not pyarrow.types.is_integer(kind):
            raise InvalidInput(f"its column “cluster” is {kind}, and has to be whole numbers.")
        if not (pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind)):
            raise InvalidInput(f"its column “{column}” is {kind}, and has to be numbers.")
    return True
