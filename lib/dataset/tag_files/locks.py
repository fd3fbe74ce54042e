"""Locks that keep sessions, threads and processes from writing one tag file at the same time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from lib.errors import WriteFailed
from lib.private import FILE, private_folder

FOLDERS = 256
NAMES = 8
"""Lock files for each of `FOLDERS` kinds of folders, so that an edit of a whole folder holds up few others."""

WAIT_S = 120.0
"""A bulk edit of a whole folder holds its locks for as long as it takes: most of a minute on a crowded host."""


def stripe(path: str | Path) -> str:
    """Which of the lock files guards a path; the same for every root that the file is reached from."""
    folder, _, name = str(path).rpartition(os.sep)
    return f"{_hash(folder) % FOLDERS:02x}{_hash(name) % NAMES}"


def _hash(text: str) -> int:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()[0]


@contextmanager
def locked(folder: Path, *paths: str | Path, wait: float = WAIT_S) -> Iterator[None]:
    """Holds the locks of real paths, at most `FOLDERS` times `NAMES` files for all datasets together.

    Taken in ascending order, so that two who need several never wait for each other.
    Raises WriteFailed after `wait` seconds.
    """
    with ExitStack() as stack:
        try:
            private_folder(folder)
            for number in sorted({stripe(path) for path in paths}):
                # A new object each time: one that is shared would let a second thread in.
                stack.enter_context(FileLock(folder / f"{number}.lock", wait, FILE, poll_interval=0.005))
        except Timeout as exc:
            raise WriteFailed(
                f"“{Path(paths[0]).name}” is being saved by someone else, and that takes too long.",
                "Nothing was changed on disk. Try again in a moment.",
            ) from exc
        except OSError as exc:
            raise WriteFailed(
                f"“{Path(paths[0]).name}” could not be locked ({exc.strerror}).",
                "Nothing was changed on disk. Make sure that the toolkit's own folder has space and can be written to.",
            ) from exc
        yield
