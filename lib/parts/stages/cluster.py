"""`cluster`: of the vectors of another job's table, however many: each sample's cluster, and its place."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lib.clustering.base import MOST_CLUSTERS
from lib.clustering.by_parts.covariance import Axes
from lib.clustering.by_parts.fit import FittedClusters, MapOver, fit
from lib.errors import InvalidInput, PlaceFailed
from lib.parts.base import DataPart, MadePart, Options, TableStage
from lib.places import DataPlace, place_at

if TYPE_CHECKING:
    import numpy as np
    import pyarrow

FIT_FILE = "_fit.npz"
_ROWS = 8_192
_NO_VECTOR = "it has no vector"


@dataclass(frozen=True, slots=True)
class TableVectors:
    """The vectors of one table, wherever it lies; those that are missing are passed over."""

    place: str
    name: str

    def __call__(self) -> Iterable[np.ndarray]:
        import pyarrow.parquet

        with place_at(self.place).open(self.name) as file:
            table = pyarrow.parquet.ParquetFile(file)
            if "vector" not in table.schema_arrow.names:
                raise InvalidInput(f"“{self.name}” holds no vectors.", "Give the sink of “captioner run embed”.")
            for batch in table.iter_batches(_ROWS, columns=["vector"]):
                yield _matrix(batch["vector"].drop_null())


class ClusterStage(TableStage):
    """Options: `k`, `seed`. The fit is exact: sums over all parts, from the start of a seeded sample."""

    about = "Clusters of vectors"

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._k, self._seed = int(options.get("k", 8)), int(options.get("seed", 0))
        if not 1 <= self._k <= MOST_CLUSTERS:
            raise InvalidInput(f"{self._k} clusters cannot be made.", f"Give --k from 1 to {MOST_CLUSTERS:,}.")
        self._fit: FittedClusters | None = None

    def prepare(self, source: DataPlace, names: Sequence[str], sink: DataPlace, map_over: MapOver) -> None:
        if sink.read(FIT_FILE) is not None:
            return
        try:
            found = fit(
                [TableVectors(str(source), name) for name in names], self._k, seed=self._seed, map_over=map_over
            )
        except ValueError:
            raise InvalidInput(f"{source} holds no vectors.", "Give the sink of “captioner run embed”.") from None
        sink.put(FIT_FILE, _packed(found))

    def load(self) -> None:
        data = place_at(self.sink).read(FIT_FILE)
        if data is None:
            raise PlaceFailed(f"“{FIT_FILE}” is not in {self.sink}.", "Start the job once more.")
        self._fit = _unpacked(data)

    def of_table(self, part: DataPart, table: Path) -> MadePart:
        import numpy as np
        import pyarrow.parquet

        assert self._fit is not None, "load() comes first"
        numbers: list[int | None] = []
        places: list[Sequence[float | None]] = []
        keys: list[str] = []
        for batch in pyarrow.parquet.ParquetFile(table).iter_batches(_ROWS, columns=["key", "vector"]):
            keys += batch["key"].to_pylist()
            there = np.asarray(batch["vector"].is_valid())
            found = _assigned(self._fit, _matrix(batch["vector"].drop_null()))
            for is_there in there:
                number, place = next(found) if is_there else (None, (None, None))
                numbers.append(number)
                places.append(place)
        xs, ys = ([place[axis] for place in places] for axis in (0, 1))
        errors = ["" if number is not None else _NO_VECTOR for number in numbers]
        return MadePart(pyarrow.table([keys, numbers, xs, ys, errors], schema=self.schema()))

    def schema(self) -> pyarrow.Schema:
        import pyarrow

        text, place = pyarrow.string(), pyarrow.float32()
        fields = [("key", text), ("cluster", pyarrow.int32()), ("x", place), ("y", place), ("error", text)]
        return pyarrow.schema(fields)


def _assigned(found: FittedClusters, vectors: np.ndarray) -> Iterator[tuple[int, tuple[float, float]]]:
    if not len(vectors):
        return
    for numbers, points in found.assign([vectors]):
        for number, point in zip(numbers.tolist(), points[:, :2].tolist(), strict=True):
            yield number, (point[0], point[1] if len(point) > 1 else 0.0)


def _matrix(vectors: pyarrow.Array) -> np.ndarray:
    """Vectors of equal length as float32 of shape (n, d)."""
    import numpy as np

    flat = np.asarray(vectors.flatten(), np.float32)
    return flat.reshape(len(vectors), -1) if len(vectors) else flat.reshape(0, 0)


def _packed(found: FittedClusters) -> bytes:
    import numpy as np

    out = io.BytesIO()
    np.savez(
        out,
        centre=found.axes.centre,
        axes=found.axes.axes,
        variance=found.axes.variance,
        spread=np.asarray(found.axes.spread),
        centres=found.centres,
        sizes=np.asarray(found.sizes),
        inertia=np.asarray(found.inertia),
    )
    return out.getvalue()


def _unpacked(data: bytes) -> FittedClusters:
    import numpy as np

    with np.load(io.BytesIO(data), allow_pickle=False) as kept:
        axes = Axes(kept["centre"], kept["axes"], kept["variance"], float(kept["spread"]))
        return FittedClusters(axes, kept["centres"], tuple(kept["sizes"].tolist()), float(kept["inertia"]))
