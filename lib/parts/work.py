"""The work on one part: its samples laid out, given to the stage, and the table committed to the sink."""

from __future__ import annotations

import json
import logging
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lib.errors import MemoryShort, PlaceFailed, ToolkitError, WriteFailed
from lib.parts.base import DataPart, MadePart, Options, PartDone, TableStage, part_file
from lib.parts.sources import source_at
from lib.parts.sources.staging import local_file
from lib.parts.stages import make_stage
from lib.places import DataPlace, place_at

if TYPE_CHECKING:
    import pyarrow

COUNTS = b"captioner"
"""The entry of a part's footer that counts its rows and those with an error."""

_GROUP_ROWS, _GROUP_BYTES = 10_000, 50_000_000
_FOOTERS_AT_ONCE = 16
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PartWork:
    """What is done to each part, by plain values: it travels to any process and holds no key."""

    stage: str
    options: Options
    source: str
    sink: str

    def begin(self) -> PartWorker:
        """Loads what is needed once. Raises ToolkitError where no part could be made."""
        return PartWorker(self)


class PartWorker:
    """Makes one part after the other. For one thread."""

    def __init__(self, work: PartWork) -> None:
        self._stage = make_stage(work.stage, work.options, work.sink)
        self._source = source_at(work.source)
        self._sink = place_at(work.sink)
        self._stage.load()

    def __call__(self, part: DataPart) -> PartDone:
        """Makes a part and commits it. What went wrong is told in the answer, whatever it was."""
        start = time.perf_counter()
        try:
            with tempfile.TemporaryDirectory(prefix="part-") as folder:
                done = self._made(part, Path(folder))
        except (WriteFailed, MemoryShort) as error:
            return PartDone(part.number, ends_job=str(error))
        except ToolkitError as error:
            if error.stops_run:
                return PartDone(part.number, ends_job=str(error))
            return PartDone(part.number, reason=str(error))
        except Exception as error:  # noqa: BLE001 - a worker lives on, and the part is tried again
            _log.warning("part %d failed", part.number, exc_info=True)
            return PartDone(part.number, reason=f"A fault in this program ({type(error).__name__}).")
        return replace(done, seconds=time.perf_counter() - start)

    def _made(self, part: DataPart, scratch: Path) -> PartDone:
        if isinstance(self._stage, TableStage):
            with local_file(self._source.place, part.names[0], scratch) as table:
                return commit(self._sink, part, self._stage.of_table(part, table))
        with self._source.samples(part) as samples:
            return commit(self._sink, part, self._stage(part, samples, scratch))

    def give_up(self, part: DataPart, reason: str) -> PartDone:
        """Commits rows that hold the reason alone; nothing of the part is opened."""
        try:
            table = self._stage.reasons(part.names, reason)
            return replace(commit(self._sink, part, MadePart(table)), given_up=True)
        except ToolkitError as error:
            return PartDone(part.number, ends_job=str(error))


def commit(sink: DataPlace, part: DataPart, made: MadePart) -> PartDone:
    """Writes what was made of a part: what goes beside first, the table last, since its file is the commit.

    Raises WriteFailed.
    """
    import pyarrow.compute

    table = made.table
    failed = pyarrow.compute.sum(pyarrow.compute.not_equal(table["error"], "")).as_py() or 0
    for name, path in made.files.items():
        sink.put(name, path)
    sink.put(part.file, part_bytes(table, table.num_rows, failed))
    return PartDone(part.number, table.num_rows, failed)


def part_bytes(table: pyarrow.Table, rows: int, failed: int) -> bytes:
    """A part's file, with its counts in the footer. The same table gives the same bytes."""
    import pyarrow
    import pyarrow.parquet

    counts = json.dumps({"rows": rows, "failed": failed}).encode()
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), COUNTS: counts})
    out = pyarrow.BufferOutputStream()
    # Pictures do not get smaller, and a dictionary of vectors or pictures is one more copy of them.
    heavy = [name for name in ("image", "vector") if name in table.schema.names]
    choices: dict[str, Any] = {"compression": "none" if heavy else "zstd"}
    if heavy:
        choices["use_dictionary"] = [name for name in table.schema.names if name not in heavy]
    group = max(1, min(_GROUP_ROWS, _GROUP_BYTES * max(1, table.num_rows) // max(1, table.nbytes)))
    pyarrow.parquet.write_table(table, out, row_group_size=group, **choices)
    return bytes(out.getvalue())


class PartCounts(NamedTuple):
    """What a part's footer says. `edited`: a person's words were folded into it since it was made."""

    rows: int
    failed: int
    edited: bool = False


def counts_of(sink: DataPlace, name: str) -> PartCounts:
    """The counts of a part by its footer. Raises PlaceFailed, ValueError for a file that is none."""
    import pyarrow
    import pyarrow.parquet

    try:
        with sink.open(name) as file:
            metadata = pyarrow.parquet.read_metadata(file).metadata or {}
        found = json.loads(metadata[COUNTS])
        return PartCounts(int(found["rows"]), int(found["failed"]), bool(found.get("edited")))
    except (pyarrow.ArrowException, KeyError, TypeError) as error:
        raise ValueError(name) from error


def readable_counts(sink: DataPlace, numbers: Iterable[int]) -> dict[int, PartCounts]:
    """What every part that can be read says of itself; any other is none, and is made again."""

    def one(number: int) -> tuple[int, PartCounts] | None:
        try:
            return number, counts_of(sink, part_file(number))
        except (ValueError, PlaceFailed, FileNotFoundError):
            return None

    with ThreadPoolExecutor(_FOOTERS_AT_ONCE, thread_name_prefix="footers") as pool:
        return dict(found for found in pool.map(one, sorted(numbers)) if found is not None)
