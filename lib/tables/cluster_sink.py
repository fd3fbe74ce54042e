"""The sink of `captioner run cluster`: numbers and places by key, and no captions. It opens as its samples, with a map.

Whose samples they are stands in what its job wrote down: the sink of `embed`, whose job names them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from lib.tables.placed import COLUMNS, GivenPlaces, numbers_and_places, placed_clusters
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
    clustering = job_facts(place)
    if clustering.get("stage") != "cluster" or _has_more(place):
        return None
    what = f"“{root.name}” holds clusters, and no captions."
    vectors = _behind(clustering, what, "The vectors that it was made of", resolve)
    embedding = job_facts(place_at(str(vectors)))
    if embedding.get("stage") != "embed":
        raise InvalidInput(f"{what} “{vectors}” does not say whose vectors it holds.", _LEFT)
    samples = _behind(embedding, what, "Its samples", resolve)
    if not is_table(samples) and not isinstance(source := source_at(str(samples)), FolderSource):
        raise InvalidInput(
            f"{what} Its samples are those of {samples} ({source.kind}), which does not open here.",
            "“captioner run import” makes a table of them that opens; embed and cluster that one.",
        )
    options = embedding.get("options")
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
    keys, made = _made(place_at(str(sink.root)))
    names = ColumnTexts.of(names_of(records))
    at = match_places(names, keys)
    there = at >= 0
    here = int(there.sum())
    if not here:
        raise InvalidInput(
            f"None of the {len(keys):,} samples of “{sink.root.name}” is in “{dataset.root}”.",
            "Other samples lie there by now: embed and cluster them anew.",
        )
    by: By = "tags" if isinstance(dataset, TableDataset) else sink.by
    hashes = _hashes(place_at(str(sink.vectors)), keys) if by == sink.by else None
    placed = replace(made, keys=hashes)
    if not names.column.equals(keys.column):
        numbers, points = np.full(len(names), -1, np.int64), np.full((len(names), 2), np.nan, np.float32)
        numbers[there], points[there] = made.numbers[at[there]], made.points[at[there]]
        # What is not there has no cluster either, and its hash is never looked at.
        placed = replace(made, numbers=numbers, points=points, keys=None if hashes is None else hashes[at])
    notes = ["clusters and places are those of “captioner run cluster”"]
    if gone := len(keys) - here:
        notes.append(f"{gone:,} of its {len(keys):,} samples are not here any more")
    spec = ClusterSpec(by, sink.method if by == sink.by else methods(by)[0])
    return placed_clusters(records, placed, spec, OF_A_JOB, notes)


def _made(place: DataPlace) -> tuple[ColumnTexts, GivenPlaces]:
    """The keys of a sink of clusters, and what each has. Raises InvalidInput, PlaceFailed."""
    import numpy as np
    import pyarrow

    keys, numbers, points = [], [], []
    for rows in _parts(place, ("key", *COLUMNS)):
        keys += rows["key"].cast("large_string").chunks
        of_rows, places = numbers_and_places(rows)
        numbers.append(of_rows)
        points.append(places)
    if not keys:
        raise InvalidInput(f"“{place}” holds no part yet.", "Wait until its job has ended.")
    given = GivenPlaces(np.concatenate(numbers), np.concatenate(points), nowhere="no cluster in what was made")
    return ColumnTexts(pyarrow.chunked_array(keys, pyarrow.large_string())), given


def _hashes(place: DataPlace, keys: ColumnTexts) -> np.ndarray:
    """Of what each key's sample was when it was embedded: uint8 (n, 16), zeros where that is not known."""
    import numpy as np
    import pyarrow

    found, at = np.zeros((len(keys), 16), np.uint8), 0
    for rows in _parts(place, ("key", "hash")):
        embedded = rows["key"].cast("large_string")
        packed = rows["hash"].fill_null(bytes(16)).cast(pyarrow.binary(16)).combine_chunks()
        hashes = np.frombuffer(packed.buffers()[1], np.uint8)[: 16 * len(packed)].reshape(-1, 16)
        if keys.column.slice(at, len(rows)).equals(embedded):
            # As it is unless one of the two was made anew: both have the same parts.
            found[at : at + len(rows)] = hashes
        else:
            places = match_places(ColumnTexts(embedded), keys)
            found[places[places >= 0]] = hashes[places >= 0]
        at += len(rows)
    return found


def _parts(place: DataPlace, columns: tuple[str, ...]) -> Iterator[pyarrow.Table]:
    """Some columns of each part of a sink, in order. Raises InvalidInput, PlaceFailed."""
    for entry in list_files(place):
        with place.open(entry.name) as file, told(f"{place}/{entry.name}"), parquet_file(file) as table:
            rows = table.read(list(columns), use_threads=False)
        if len(rows):
            yield rows
