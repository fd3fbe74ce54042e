"""The pictures of a table: bytes in its rows, or files that the names lead to. Each is opened when it is looked at."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lib.bounds import Bounds, real_path_of
from lib.errors import ImageRefused, InvalidInput
from lib.importing.stage import MAX_IMAGE_BYTES
from lib.places import place_at
from lib.tables.reading import TableFiles, parquet_file, told

if TYPE_CHECKING:
    import pyarrow
    from pyarrow.parquet import ParquetFile

_KEPT_BYTES = 64_000_000
"""Of pictures that were read with others: those of a page lie near each other."""
_READ_ROWS = 64
_READ_BYTES = 1_000_000_000
_HINT = "The table was left as it is."
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class RowPictures:
    """TablePictures whose bytes are in the rows. Safe for threads."""

    def __init__(self, files: TableFiles, find: Callable[[str], int | None]) -> None:
        self._files = files
        self._find = find
        self._stamp = int.from_bytes(hashlib.sha256(files.stamp.encode()).digest()[:6])
        self._lock = threading.Lock()
        self._near: OrderedDict[tuple[str, int], pyarrow.Array] = OrderedDict()
        self._groups: dict[str, list[int]] = {}

    def open(self, below: str) -> int:
        row = self._row(below)
        name, at = self._files.locate(row)
        data = self._bytes(name, at)
        if data is None:
            raise ImageRefused(f"The row of “{below}” has no picture.", _HINT)
        # A file without a name: it goes away when it is closed.
        handle = os.memfd_create("picture") if hasattr(os, "memfd_create") else _unnamed()
        with os.fdopen(os.dup(handle), "wb") as out:
            out.write(data)
        os.lseek(handle, 0, os.SEEK_SET)
        return handle

    def stat(self, below: str) -> os.stat_result:
        # Of the size nobody knows before it is read; the stamp of the files says whether it is another.
        row, zero = self._row(below), 0.0
        return os.stat_result((0o100444, row, 0, 1, 0, 0, 1, zero, zero, zero), {"st_mtime_ns": self._stamp})

    def _row(self, below: str) -> int:
        row = self._find(below)
        if row is None:
            raise FileNotFoundError(below)
        return row

    def _bytes(self, name: str, at: int) -> pyarrow.Buffer | None:
        first = at - at % _READ_ROWS
        with self._lock:
            found = self._near.get((name, first))
            if found is None:
                found = self._near[name, first] = self._read(name, first)
                while len(self._near) > 1 and sum(one.nbytes for one in self._near.values()) > _KEPT_BYTES:
                    self._near.popitem(last=False)
            self._near.move_to_end((name, first))
        cell = found[at - first]
        if not cell.is_valid:
            return None
        buffer = cell.as_buffer()
        if buffer.size > MAX_IMAGE_BYTES:
            raise ImageRefused(f"A picture in “{name}” is too large for an image.", _HINT)
        return buffer

    def _read(self, name: str, first: int) -> pyarrow.Array:
        """The pictures of some rows that follow one another; only they are kept of what is unpacked."""
        import pyarrow
        import pyarrow.compute as pc

        pieces: list[pyarrow.Array] = []
        try:
            with self._files.place.open(name) as file, told(name):
                column, part = (*self._files.columns.image.split("."), "")[:2]
                with parquet_file(file, [f"{column}.{part}" if part else column]) as table:
                    for cells in self._near_rows(table, name, first):
                        pieces.append(_plain(pc.struct_field(cells, part) if part else cells))
        except InvalidInput as error:
            raise ImageRefused(error.message, _HINT) from error
        return pyarrow.concat_arrays(pieces)

    def _near_rows(self, table: ParquetFile, name: str, first: int) -> Iterator[pyarrow.Array]:
        """The column of pictures, at the rows from one on."""
        starts, stop = self._starts(name, table), first + _READ_ROWS
        for group in range(len(starts) - 1):
            at = starts[group]
            if at >= stop or starts[group + 1] <= first:
                continue
            for batch in table.iter_batches(_READ_ROWS, [group], [self._files.columns.image], use_threads=False):
                low, high = max(first - at, 0), min(stop - at, batch.num_rows)
                if low < high:
                    yield batch.column(0).slice(low, high - low)
                at += batch.num_rows
                if at >= stop:
                    break

    def _starts(self, name: str, table: ParquetFile) -> list[int]:
        if name not in self._groups:
            starts = [0]
            for group in range(table.num_row_groups):
                starts.append(starts[-1] + table.metadata.row_group(group).num_rows)
            self._groups[name] = starts
        return self._groups[name]


class FilePictures:
    """TablePictures that the names of the rows lead to, below a folder of this machine."""

    def __init__(self, folder: Path, home: Path) -> None:
        self._folder = folder
        self._home = home

    def open(self, below: str) -> int:
        handle = os.open(self._folder / below, _READ)
        bounds = Bounds(os.path.realpath(self._folder), (os.path.realpath(self._home),))
        if not bounds.hold(real_path_of(handle, os.fspath(self._folder / below))):
            os.close(handle)
            raise ImageRefused(f"“{below}” leads out of the folder of the table.", "It is not shown, sent or copied.")
        return handle

    def stat(self, below: str) -> os.stat_result:
        return (self._folder / below).stat()


class NoPictures:
    """A table whose pictures are not here. `why` is a sentence."""

    def __init__(self, why: str) -> None:
        self._why = why

    def open(self, below: str) -> int:
        raise ImageRefused(self._why, "Its captions can be read, searched and changed all the same.")

    def stat(self, below: str) -> os.stat_result:
        raise FileNotFoundError(below)


TablePictures = RowPictures | FilePictures | NoPictures


def pictures_of(files: TableFiles, find: Callable[[str], int | None], source: str, home: Path) -> TablePictures:
    """Where the pictures of a table are. `source`: where the job that made it had its samples, "" for none."""
    if files.columns.image:
        return RowPictures(files, find)
    place = place_at(source) if source else files.place
    if place.folder is None:
        return NoPictures(f"The pictures of this table lie at {place}, which is not looked into for them.")
    if place.folder.is_file():
        return NoPictures(f"The pictures of this table lie in {place.folder}, which is not looked into for them.")
    return FilePictures(place.folder, home)


def _plain(cells: pyarrow.Array) -> pyarrow.Array:
    import pyarrow
    import pyarrow.compute as pc

    large = pyarrow.large_binary()
    if not pyarrow.types.is_dictionary(cells.type):
        return cells.cast(large)
    if (pc.sum(pc.binary_length(cells.dictionary).take(cells.indices)).as_py() or 0) > _READ_BYTES:
        raise InvalidInput("The pictures of this table unpack to far more than its size, as bombs do.", _HINT)
    return cells.dictionary.cast(large).take(cells.indices)


def _unnamed() -> int:
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
