"""The map of clusters as an export carries it: of the result that is kept, or of a file that `cluster --out` wrote."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from lib.clustering import ClusterResult, load_result, result_path
from lib.column_texts import ColumnTexts, NameOrder
from lib.dataset.base import Dataset
from lib.domain import By
from lib.errors import InvalidInput
from lib.exporting.base import MapPoint

_HEAD = ["image", "cluster", "x", "y"]
"""The first columns; the cluster's name, if it is there, is the next."""
_BY: tuple[By, ...] = ("tags", "images")


class RowPoints(Mapping[str, MapPoint]):
    """The places of a table's rows, each made when it is asked for: of a million they would take 400 MB."""

    def __init__(self, result: ClusterResult, rows: ColumnTexts) -> None:
        self._result = result
        self._rows = rows
        self._order = NameOrder(rows.column.combine_chunks())
        self._names = {cluster.number: cluster.name for cluster in result.clusters}
        self._next = 0

    def __getitem__(self, name: str) -> MapPoint:
        # Whoever goes through the rows asks for them in their order.
        at = self._next
        row = at if at < len(self._rows) and self._rows[at] == name else self._order.find(name)
        if row is None:
            raise KeyError(name)
        self._next = row + 1
        x, y = self._result.points[row].tolist()
        label = int(self._result.labels[row])
        return MapPoint(x, y, label, self._names.get(label, ""))

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def points_of(result: ClusterResult) -> Mapping[str, MapPoint]:
    """Each sample's place on the map, and its cluster."""
    if isinstance(result.names, ColumnTexts):
        return RowPoints(result, result.names)
    names = {cluster.number: cluster.name for cluster in result.clusters}
    rows = zip(result.names, result.labels.tolist(), result.points.tolist(), strict=True)
    return {name: MapPoint(x, y, label, names.get(label, "")) for name, label, (x, y) in rows}


def kept_points(folder: Path, dataset: Dataset) -> Mapping[str, MapPoint]:
    """The newest map of a dataset, of those that are kept in an owner's folder; empty where there is none."""
    paths = [result_path(folder, dataset.root, by, recursive=dataset.recursive, suffix=dataset.suffix) for by in _BY]
    kept = sorted((path for path in paths if path.is_file()), key=lambda path: path.stat().st_mtime)
    result = load_result(kept[-1]) if kept else None
    return points_of(result) if result is not None else {}


def points_in(path: Path) -> dict[str, MapPoint]:
    """The map in a file that `cluster --out` wrote. Raises InvalidInput for any other."""
    try:
        rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
        head = next(rows, [])
        if head[: len(_HEAD)] != _HEAD:
            raise ValueError
        at = head.index("name") if "name" in head else None
        return {
            row[0]: MapPoint(float(row[2]), float(row[3]), int(row[1]), row[at] if at is not None else "")
            for row in rows
        }
    except (OSError, ValueError, IndexError, csv.Error) as exc:
        raise InvalidInput(
            f"“{path}” is no map of clusters.", "Make one with `captioner cluster DIR --k 8 --out FILE`."
        ) from exc
