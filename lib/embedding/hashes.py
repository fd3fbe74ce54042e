"""Content hashes: what a vector is filed under, and a memory of those of files that have not changed since."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lib.errors import DatabaseFailed, ImageRefused
from lib.sqlite import Database

if TYPE_CHECKING:
    import numpy as np

_SIZE = 16
_RECENT_NS = 2_000_000_000
"""A file as young as this may change again without its time telling."""

_MIGRATIONS = (
    """
    CREATE TABLE files (
        root TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, key BLOB NOT NULL,
        PRIMARY KEY (root, name)
    ) WITHOUT ROWID
    """,
    """
    DROP TABLE files;
    CREATE TABLE files (
        root TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
        ctime_ns INTEGER NOT NULL, key BLOB NOT NULL, PRIMARY KEY (root, name)
    ) WITHOUT ROWID
    """,
)


@dataclass(frozen=True, slots=True)
class FileHash:
    """The hash of a file's bytes, and the size and times that the file had.

    `ctime_ns` tells also when another file of the same size and time was given its name.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    key: bytes

    def is_of(self, path: Path) -> bool:
        """Whether the file is there and has the size and times that it was hashed with."""
        try:
            info = path.stat()
        except (OSError, ValueError):
            return False
        return (self.size, self.mtime_ns, self.ctime_ns) == (info.st_size, info.st_mtime_ns, info.st_ctime_ns)


def text_key(text: str) -> bytes:
    """The hash of a caption, 16 bytes; blanks around it do not count."""
    return hashlib.sha256(text.strip().encode("utf-8", "surrogatepass")).digest()[:_SIZE]


def text_keys(texts: Sequence[str]) -> np.ndarray:
    """The hashes of captions: uint8 of shape (n, 16)."""
    import numpy as np

    # At its size from the first: one that grows leaves its former places behind.
    found = bytearray(_SIZE * len(texts))
    for row, text in enumerate(texts):
        found[_SIZE * row : _SIZE * (row + 1)] = text_key(text)
    return np.frombuffer(found, np.uint8).reshape(-1, _SIZE)


def hash_file(path: Path) -> FileHash:
    """Reads a file and hashes it. Raises ImageRefused for what cannot be read."""
    try:
        # O_NONBLOCK: opening a FIFO named like an image must not wait for somebody to write into it.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            info = os.fstat(handle)
            if not stat.S_ISREG(info.st_mode):
                raise ImageRefused(f"“{path.name}” is not a regular file.", "It was left as it is.")
            key = hashlib.file_digest(file, "sha256").digest()[:_SIZE]
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name cannot be used"
        raise ImageRefused(f"“{path.name}” cannot be read ({reason}).", "It was left as it is.") from error
    return FileHash(info.st_size, info.st_mtime_ns, info.st_ctime_ns, key)


class KnownHashes:
    """The hashes of the files below one folder, from earlier runs."""

    def __init__(self, database: Path, root: Path) -> None:
        self._database = Database(database, _MIGRATIONS)
        self._path = root
        self._root = os.fspath(root)

    def load(self) -> dict[str, FileHash]:
        """By the name relative to the folder."""
        if not self._database.path.exists():
            return {}
        try:
            rows = self._database.rows(
                "SELECT name, size, mtime_ns, ctime_ns, key FROM files WHERE root = ?", (self._root,)
            )
        except DatabaseFailed:
            # A memory that cannot be read costs time only: every file is hashed again.
            return {}
        return {name: FileHash(*rest) for name, *rest in rows}

    def close(self) -> None:
        """Let go of the file until the next use."""
        self._database.close()

    def present(self, names: Iterable[str]) -> dict[str, bytes]:
        """The keys of files as far as they are known, an empty one for a file that changed or was never hashed.

        One that has the size and time of a file that is gone is read: it may be that one under another name.
        """
        known = self.load()
        hashes = ((name, known.get(name)) for name in names)
        keys = {name: kept.key if kept and kept.is_of(self._path / name) else b"" for name, kept in hashes}
        gone = {(old.size, old.mtime_ns) for name, old in known.items() if name not in keys}
        found = []
        for name in [name for name, key in keys.items() if not key] if gone else ():
            with suppress(OSError, ValueError, ImageRefused):
                info = (self._path / name).stat()
                if (info.st_size, info.st_mtime_ns) in gone:
                    found.append((name, hash_file(self._path / name)))
        self.add(found)
        return keys | {name: new.key for name, new in found}

    def add(self, found: Iterable[tuple[str, FileHash]]) -> None:
        """Remember hashes, those of very young files excepted. A disk that refuses costs time only."""
        now = time.time_ns()
        # A time in the future (another clock, another zone) is no young one: it would be hashed again each time.
        rows = [
            (self._root, name, h.size, h.mtime_ns, h.ctime_ns, h.key)
            for name, h in found
            if not 0 <= now - h.mtime_ns < _RECENT_NS
        ]
        if not rows:
            return
        with suppress(DatabaseFailed), self._database.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", rows)
