"""Whether the folders that are written to are still there: one that went away says nothing of its files."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from lib.files import TEMP_PREFIX, StrPath


class Presence:
    """The folders of some files as they are when this is made.

    A share that was let go leaves no folder, or the empty one that it was mounted on. Its files look deleted then, and
    come back as they were.
    """

    def __init__(self, paths: Iterable[StrPath]) -> None:
        self._folders = {folder: _identity(folder) for folder in {Path(path).parent for path in paths}}

    def is_kept(self) -> bool:
        """Whether all are there, and none of them is another one."""
        return all(known is not None and known == _identity(folder) for folder, known in self._folders.items())

    def check(self) -> None:
        """Raises OSError where one has gone away."""
        if not self.is_kept():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(min(self._folders)))


def is_away(root: StrPath) -> bool:
    """Whether a folder is not there, or has nothing in it but what the toolkit is about to fill."""
    try:
        with os.scandir(root) as entries:
            return all(entry.name.startswith(TEMP_PREFIX) for entry in entries)
    except OSError:
        return True


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        info = folder.stat()
    except OSError:
        return None
    return info.st_dev, info.st_ino
