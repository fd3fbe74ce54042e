"""Vectors on disk by what they were made from: written once, memory-mapped, and whole whatever happens in between."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lib.errors import DatabaseFailed, WriteFailed
from lib.sqlite import Database, Told

if TYPE_CHECKING:
    import numpy as np

FORMAT = 1
_FLOAT = 4
_MIGRATIONS = (
    """
    CREATE TABLE vectors (row INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE);
    CREATE TABLE file (format INTEGER NOT NULL, name TEXT NOT NULL, dimensions INTEGER NOT NULL)
    """,
)


_TOLD = Told("The list of vectors", "No caption and no image was touched; what is missing is computed again.")


class Vectors:
    """Some rows of a memory-mapped file, read as they are asked for: shape (n, d), float32."""

    def __init__(self, source: np.ndarray, rows: np.ndarray) -> None:
        self._source = source
        self._rows = rows
        self.shape: tuple[int, int] = (len(rows), int(source.shape[1]))

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, part: slice) -> np.ndarray:
        """A copy of the rows start:stop."""
        import numpy as np

        return np.asarray(self._source[self._rows[part]])


class VectorStore:
    """The vectors of one embedder by a key of 16 bytes each. Shared by threads and processes.

    New rows are appended to one file and are durable before the index names them, so a crash leaves at most bytes that
    nobody refers to and that the next append writes over. What does not fit (another format, another number of
    dimensions, a file that is shorter than its index) is dropped and made anew: a vector can always be computed again.
    Raises WriteFailed where the disk refuses; what was kept before stays.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index = Database(folder / "index.sqlite", _MIGRATIONS, _TOLD)
        self._lock = threading.Lock()
        self._name = ""
        self._dimensions = 0
        self._rows: dict[bytes, int] = {}

    def keys(self) -> set[bytes]:
        """The keys that have a vector."""
        with self._lock, _told(self._folder):
            if self._described() is not None and not self._refresh():
                with self._index.transaction() as connection:
                    self._begin(connection, 0)
            return set(self._rows)

    def readable(self) -> set[bytes]:
        """The same for who only looks: what does not fit stays as it is, and counts for nothing."""
        with self._lock, _told(self._folder):
            return set(self._rows) if self._refresh() else set()

    def load(self, keys: Sequence[bytes]) -> Vectors | None:
        """The vectors of keys that had one, in that order; None where somebody has cleared them meanwhile."""
        import numpy as np

        with self._lock, _told(self._folder):
            if not self._rows.keys() >= set(keys):
                return None
            rows = np.fromiter((self._rows[key] for key in keys), np.int64, len(keys))
            if not keys:
                return Vectors(np.zeros((0, self._dimensions), np.float32), rows)
            shape = (len(self._rows), self._dimensions)
            try:
                return Vectors(np.memmap(self._folder / self._name, np.float32, "r", shape=shape), rows)
            except FileNotFoundError:
                return None
            except ValueError as error:
                raise OSError(errno.EIO, f"{self._name} was cut short") from error

    def add(self, keys: Sequence[bytes], vectors: np.ndarray) -> None:
        """Keep vectors, float32 of shape (n, d), under their keys; durable when it returns.

        Keys that are there already keep the vector they have.
        """
        import numpy as np

        with self._lock, _told(self._folder):
            # The transaction is the lock between processes: nobody else appends until it has ended.
            with self._index.transaction() as connection:
                if not self._refresh() or self._dimensions != vectors.shape[1]:
                    self._begin(connection, vectors.shape[1])
                fresh = {key: place for place, key in enumerate(keys) if key not in self._rows}
                data = np.ascontiguousarray(vectors[list(fresh.values())], np.float32)
                start = len(self._rows)
                self._append(start * self._dimensions * _FLOAT, data)
                connection.executemany("INSERT INTO vectors VALUES (?, ?)", enumerate(fresh, start))
            self._refresh()

    def clear(self) -> None:
        """Drop all vectors. Whoever is at work on some makes them anew; those that were loaded stay readable."""
        with self._lock, _told(self._folder):
            with self._index.transaction() as connection:
                self._begin(connection, 0)
            # Smaller only where nobody reads just now; else it is filled again.
            with contextlib.suppress(DatabaseFailed):
                self._index.rewrite()

    def close(self) -> None:
        """Let go of the index until the next use. Vectors that were loaded stay readable."""
        self._index.close()

    def _append(self, offset: int, data: np.ndarray) -> None:
        handle = os.open(self._folder / self._name, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "r+b") as file:
            file.seek(offset)
            file.write(data.data)
            file.flush()
            os.fsync(handle)

    def _described(self) -> sqlite3.Row | None:
        # Who only asks leaves no file behind.
        rows = self._index.rows("SELECT format, name, dimensions FROM file") if self._index.path.exists() else []
        return rows[0] if rows else None

    def _refresh(self) -> bool:
        """Takes in what other processes have added; false where there is nothing that can be used."""
        described = self._described()
        if described is None or described["format"] != FORMAT:
            return False
        if described["name"] != self._name:
            self._name, self._dimensions, self._rows = described["name"], described["dimensions"], {}
        found = self._index.rows("SELECT key, row FROM vectors WHERE row >= ?", (len(self._rows),))
        self._rows.update((row["key"], row["row"]) for row in found)
        size = len(self._rows) * self._dimensions * _FLOAT
        path = self._folder / self._name
        return not size or (path.is_file() and path.stat().st_size >= size)

    def _begin(self, connection: sqlite3.Connection, dimensions: int) -> None:
        """A new, empty file; vectors that are being read from the old one stay readable."""
        self._name, self._dimensions, self._rows = f"{secrets.token_hex(6)}.f32", dimensions, {}
        connection.execute("DELETE FROM vectors")
        connection.execute("DELETE FROM file")
        connection.execute("INSERT INTO file VALUES (?, ?, ?)", (FORMAT, self._name, dimensions))
        for path in self._folder.glob("*.f32"):
            with contextlib.suppress(OSError):
                path.unlink()


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror
        raise WriteFailed(
            f"Vectors cannot be kept in {folder} ({reason}).",
            "What was kept before is whole, and no caption or image was touched. Make room, or remove that folder"
            " (its vectors are then computed again), and start once more.",
        ) from error
