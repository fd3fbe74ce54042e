"""Reads the names and captions of a table by row groups, within caps, and knows in which file each row lies."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lib.errors import InvalidInput, PlaceFailed
from lib.parts.base import EDITS
from lib.parts.job import JOB_FILE, name_number
from lib.places import DataPlace, Entry
from lib.record_blocks import RecordColumns
from lib.tables.columns import TableColumns, recognise

if TYPE_CHECKING:
    import pyarrow
    from pyarrow.parquet import ParquetFile

ENDING = ".parquet"

MAX_ROWS = 20_000_000
MAX_BYTES = 2_000_000_000
"""Bytes of all names and captions together, written out: a small file may name a large value a million times."""

_ONE_KIND = "Open a folder whose tables are parts of one."
_SMALLER = "Cut it into smaller tables, and open one of them."


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The files of a table in order. `starts`: the first row of each, and behind them the number of all rows."""

    place: DataPlace
    names: tuple[str, ...]
    starts: tuple[int, ...]
    columns: TableColumns
    stamp: str
    """Another one where a file is another."""

    def locate(self, row: int) -> tuple[str, int]:
        """The file of a row, and its place in it."""
        number = bisect_right(self.starts, row) - 1
        return self.names[number], row - self.starts[number]


def list_files(place: DataPlace, only: str = "") -> list[Entry]:
    """The files of a table, in the order of their names: the one that is meant, the parts of a job, or all Parquet.

    Raises PlaceFailed.
    """
    found = [
        entry
        for entry in place.files(recursive=not only)
        if entry.name.lower().endswith(ENDING) and only in ("", entry.name) and not entry.name.startswith(f"{EDITS}/")
    ]
    parts = [entry for entry in found if name_number(entry.name) is not None]
    return sorted(parts or found, key=lambda entry: entry.name)


def stamp_of(entries: list[Entry]) -> str:
    """Stands for the files as they are."""
    return "\n".join(f"{entry.name}\0{entry.size}\0{entry.stamp}" for entry in entries)


def read_table(place: DataPlace, only: str = "") -> tuple[TableFiles, RecordColumns]:
    """Names and captions of all rows, in the order of the files. Raises InvalidInput, PlaceFailed."""
    import pyarrow

    # Its own pool keeps what it was given back: after a search over all captions as much again as they take.
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())
    entries = list_files(place, only)
    if not entries:
        raise InvalidInput(f"“{place}” holds no table.", "Give a Parquet file, or a folder with parts of one.")
    names: list[pyarrow.Array] = []
    texts: list[pyarrow.Array] = []
    starts = [0]
    columns: TableColumns | None = None
    left = MAX_BYTES
    for entry in entries:
        with place.open(entry.name) as file, told(f"{place}/{entry.name}"):
            with parquet_file(file) as table:
                found = recognise(table.schema_arrow, entry.name)
                if columns is not None and found != columns:
                    raise InvalidInput(f"“{entry.name}” has other columns than “{entries[0].name}”.", _ONE_KIND)
                columns = found
                starts.append(starts[-1] + table.metadata.num_rows)
                if starts[-1] > MAX_ROWS:
                    raise InvalidInput(f"“{place}” has more than {MAX_ROWS:,} rows.", _SMALLER)
                leaves = [table.schema.column(number).path for number in range(len(table.schema))]
            file.seek(0)
            short = [leaf for leaf in leaves if any(f"{leaf}.".startswith(f"{column}.") for column in columns.read)]
            with parquet_file(file, short) as table:
                for called, text in _groups(table, columns, f"{place}/{entry.name}"):
                    left -= called.nbytes + text.nbytes
                    if left < 0:
                        raise _too_large(place)
                    names.append(called)
                    texts.append(text)
    assert columns is not None
    all_names = _distinct(pyarrow.concat_arrays(names)) if names else pyarrow.array([], pyarrow.large_string())
    files = TableFiles(place, tuple(entry.name for entry in entries), tuple(starts), columns, stamp_of(entries))
    return files, RecordColumns.of(all_names, pyarrow.chunked_array(texts, pyarrow.large_string()))


def parquet_file(file: Any, dictionaries: list[str] | None = None) -> ParquetFile:
    """`dictionaries`: columns whose values stay as short as the file has them, however often it repeats them."""
    import pyarrow.parquet

    return pyarrow.parquet.ParquetFile(file, read_dictionary=dictionaries, pre_buffer=False)


@contextmanager
def told(file: str) -> Iterator[None]:
    """What goes wrong with a file of Parquet is an InvalidInput that names it."""
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, UnicodeDecodeError, KeyError) as error:
        raise InvalidInput(f"“{file}” is damaged, or no Parquet.", "Nothing was changed.") from error
    except OSError as error:
        # So Arrow tells of pages that do not unpack; a place tells of a disk in its own way.
        raise InvalidInput(f"“{file}” cannot be read as Parquet.", "Nothing was changed.") from error


def _too_large(place: DataPlace) -> InvalidInput:
    return InvalidInput(f"The captions of “{place}” have more than {MAX_BYTES // 1_000_000:,} MB.", _SMALLER)


def _groups(table: ParquetFile, columns: TableColumns, file: str) -> Iterator[tuple[pyarrow.Array, pyarrow.Array]]:
    """(names, captions) of each row group, as large strings without nulls; a name that is not there is ""."""
    import pyarrow

    for group in range(table.num_row_groups):
        # The counts of a footer are the file's own word: what is read is what counts.
        found = table.read_row_group(group, columns=columns.read, use_threads=False)
        blank = pyarrow.repeat(pyarrow.scalar("", pyarrow.large_string()), found.num_rows)
        names = _strings(_column(found, columns.name), file) if columns.name else blank
        yield names, _strings(_column(found, columns.caption), file) if columns.caption else blank


def _column(found: pyarrow.Table, path: str) -> pyarrow.ChunkedArray:
    import pyarrow.compute as pc

    name, _, part = path.partition(".") if path not in found.schema.names else (path, "", "")
    column = found[name]
    return pc.struct_field(column, part) if part else column


def _strings(column: pyarrow.ChunkedArray, file: str) -> pyarrow.Array:
    import pyarrow
    import pyarrow.compute as pc

    pieces = [_written_out(piece, file) for piece in column.chunks]
    if not pieces:
        return pyarrow.array([], pyarrow.large_string())
    found = pieces[0] if len(pieces) == 1 else pyarrow.concat_arrays(pieces)
    return pc.fill_null(found, "") if found.null_count else found


def _written_out(piece: pyarrow.Array, file: str) -> pyarrow.Array:
    import pyarrow
    import pyarrow.compute as pc

    large = pyarrow.large_string()
    if pyarrow.types.is_list(piece.type) or pyarrow.types.is_large_list(piece.type):
        # Several captions of one image are its lines, as they are when they are imported.
        values = pc.fill_null(_written_out(piece.values, file).cast("string"), "")
        lists = pyarrow.ListArray.from_arrays(piece.offsets.cast("int32"), values)
        return pc.binary_join(lists, "\n").cast(large)
    if not pyarrow.types.is_dictionary(piece.type):
        return piece.cast(large)
    values = piece.dictionary.cast(large)
    size = pc.sum(pc.binary_length(values).take(piece.indices)).as_py() or 0
    if size > MAX_BYTES:
        raise InvalidInput(f"“{file}” unpacks to far more than its size, as bombs do.", "It was not opened.")
    return values.take(piece.indices)


def _distinct(names: pyarrow.Array) -> pyarrow.Array:
    """Each name once: one that is not there, or was there before, is told apart by the number of its row."""
    import pyarrow.compute as pc

    ordered = names
    if not pc.all(pc.less(names[:-1], names[1:])).as_py():
        ordered = names.take(pc.sort_indices(names))
    is_twice = pc.any(pc.equal(ordered[:-1], ordered[1:])).as_py()
    return _distinct_slowly(names) if is_twice or (len(names) and not ordered[0].as_py()) else names


def _distinct_slowly(names: pyarrow.Array) -> pyarrow.Array:
    import pyarrow

    taken: set[str] = set()
    found = []
    for row, name in enumerate(names.to_pylist(), 1):
        own = name or f"row {row:,}"
        while own in taken:
            own = f"{own} (row {row:,})"
        taken.add(own)
        found.append(own)
    return pyarrow.array(found, pyarrow.large_string())


def job_facts(place: DataPlace) -> Mapping[str, Any]:
    """What the job that made a sink has written down, nothing for a table that no job made. Raises PlaceFailed."""
    try:
        found = json.loads(place.read(JOB_FILE) or b"{}")
        return found if isinstance(found, dict) else {}
    except ValueError:
        return {}
    except OSError as error:
        raise PlaceFailed(f"“{place}” cannot be read ({error.strerror}).", "Nothing was changed.") from error


def job_source(place: DataPlace) -> str:
    """Where the job that made a sink had its samples, "" for a table that no job made. Raises PlaceFailed."""
    return str(job_facts(place).get("source", ""))
