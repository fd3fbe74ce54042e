"""The sink of `captioner run cluster`: numbers and places by key, and no captions. It opens as its samples, with a map.

Whose samples they are stands in what its job wrote down: the sink of `embed`, whose job names them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lib.clustering import OF_A_JOB, ClusterResult
from lib.column_texts import ColumnTexts, match_places
from lib.dataset.base import Dataset
from lib.domain import By, ClusterSpec
from lib.embedding.registry import methods
from lib.errors import FolderRefused, InvalidInput
from lib.parts.sources import source_at
from lib.parts.sources.folder import FolderSource
from lib.places import DataPlace, place_at
from lib.records import names_of
from lib.tables.columns import recognise
from lib.tables.dataset import TableDataset
from lib.tables.opening import is_table
from lib.tables.own_clusters import numbers_and_places
from lib.tables.placed import COLUMNS, GivenPlaces, placed_clusters
from lib.tables.reading import job_facts, list_files, parquet_file, told

if TYPE_CHECKING:
    import numpy as np
    import pyarrow

_LEFT = "Nothing was opened, and nothing changed."


@dataclass(frozen=True, slots=True)
class ClusterSink:
    """The folder of a job `cluster`, that of the vectors it was made of, and the samples that those stand for.

    `by` and `method`: what was embedded, and how.
    """

    root: Path
    vectors: Path
    samples: Path
    by: By
    method: str


def cluster_sink(text: str, resolve: Callable[[str], Path]) -> ClusterSink | None:
    """What stands behind a sink of clusters; None for anything else.

    `resolve` gives the real path of what may be opened, and raises FolderRefused. So does this for `text`. Raises
    InvalidInput where what stands behind it cannot be opened, PlaceFailed.
    """
    root = resolve(text)
    if not root.is_dir() or not is_table(root):
        return None
    place = place_at(str(root))
    told_by = job_facts(place)
    if told_by.get("stage") != "cluster" or _has_more(place):
        return None
    what = f"“{root.name}” holds clusters, and no captions."
    vectors = _behind(told_by, what, "The vectors that it was made of", resolve)
    told_by = job_facts(place_at(str(vectors)))
    if told_by.get("stage") != "embed":
        raise InvalidInput(f"{what} “{vectors}” does not say whose vectors it holds.", _LEFT)
    samples = _behind(told_by, what, "Its samples", resolve)
    if not is_table(samples) and not isinstance(source := source_at(str(samples)), FolderSource):
        raise InvalidInput(
            f"{what} Its samples are those of {samples} ({source.kind}), which does not open here.",
            "“captioner run import” makes a table of them that opens; embed and cluster that one.",
        )
    options = told_by.get("options")
    options = options if isinstance(options, dict) else {}
    by: By = "tags" if options.get("by") == "tags" else "images"
    method = str(options.get("method", ""))
    return ClusterSink(root, vectors, samples, by, method if method in methods(by) else methods(by)[0])


def _behind(facts: Mapping[str, Any], what: str, whose: str, resolve: Callable[[str], Path]) -> Path:
    """The folder or file that a job names as its source, if it may be opened."""
    source = str(facts.get("source", ""))
    try:
        folder = place_at(source).folder if source else None
        if folder is None:
            raise InvalidInput(
                f"{what} {whose} lie at {source or 'no place that is told'}, which is no folder of this machine.",
                "Copy them to this machine, then embed and cluster the copy.",
            )
        return resolve(str(folder))
    except FolderRefused as error:
        raise InvalidInput(f"{what} {whose} lie in {source}. {error.message}", f"{error.hint} {_LEFT}") from error


def _has_more(place: DataPlace) -> bool:
    """Whether somebody has put captions or pictures beside the numbers: then it opens as any table."""
    for entry in list_files(place)[:1]:
        with place.open(entry.name) as file, told(f"{place}/{entry.name}"), parquet_file(file) as table:
            try:
                return bool(recognise(table.schema_arrow, entry.name))
            except InvalidInput:
                return False
    return False


def take_clusters(sink: ClusterSink, dataset: Dataset) -> ClusterResult:
    """The clusters of a sink for the samples as they are now, joined by key. Nothing is kept.

    Of a table always as clusters of its captions: those of pictures are not shown for one. Raises InvalidInput where
    there is none of those samples any more, or nothing to show of them; PlaceFailed.
    """
    import numpy as np

    records = dataset.snapshot()
    made = _read(place_at(str(sink.root)), ("key", *COLUMNS))
    keys = ColumnTexts(made["key"].cast("large_string"))
    names = ColumnTexts.of(names_of(records))
    at = match_places(names, keys)
    there = at >= 0
    here = int(there.sum())
    if not here:
        raise InvalidInput(
            f"None of the {len(keys):,} samples of “{sink.root.name}” is in “{dataset.root}”.",
            "Other samples lie there by now: embed and cluster them anew.",
        )
    of_made, places_of_made = numbers_and_places(made)
    numbers, points = np.full(len(names), -1, np.int64), np.full((len(names), 2), np.nan, np.float32)
    numbers[there], points[there] = of_made[at[there]], places_of_made[at[there]]
    hashes = np.zeros((len(names), 16), np.uint8)
    hashes[there] = _hashes(sink, keys)[at[there]]
    notes = ["clusters and places are those of “captioner run cluster”"]
    if gone := len(keys) - here:
        notes.append(f"{gone:,} of its {len(keys):,} samples are not here any more")
    by: By = "tags" if isinstance(dataset, TableDataset) else sink.by
    spec = ClusterSpec(by, sink.method if by == sink.by else methods(by)[0])
    placed = GivenPlaces(numbers, points, hashes if by == sink.by else None, "no cluster in what was made")
    return placed_clusters(records, placed, spec, OF_A_JOB, notes)


def _hashes(sink: ClusterSink, keys: ColumnTexts) -> np.ndarray:
    """Of what each key's sample was when it was embedded: uint8 (n, 16), zeros where that is not known."""
    import numpy as np
    import pyarrow

    embedded = _read(place_at(str(sink.vectors)), ("key", "hash"))
    packed = embedded["hash"].fill_null(bytes(16)).cast(pyarrow.binary(16)).combine_chunks()
    # The last one stands for a key that is not there.
    every = np.frombuffer(packed.buffers()[1].to_pybytes()[: 16 * len(packed)] + bytes(16), np.uint8).reshape(-1, 16)
    return every[match_places(keys, ColumnTexts(embedded["key"].cast("large_string")))]


def _read(place: DataPlace, columns: tuple[str, ...]) -> pyarrow.Table:
    """Some columns of all parts of a sink. Raises InvalidInput, PlaceFailed."""
    import pyarrow

    read = []
    for entry in list_files(place):
        with place.open(entry.name) as file, told(f"{place}/{entry.name}"), parquet_file(file) as table:
            read.append(cast("pyarrow.Table", table.read(list(columns), use_threads=False)))
    if not read:
        raise InvalidInput(f"“{place}” holds no part yet.", "Wait until its job has ended.")
    return pyarrow.concat_tables(read)
