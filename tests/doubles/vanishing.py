"""A folder that goes away in mid-work, as a share does that is let go: at the i-th call below it."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_CHANGES = {"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir"}
_CALLS = _CHANGES | {"open", "os.listdir", "os.scandir"}
"""The interpreter tells of each of them before it is made, whoever makes it."""


class Vanishing:
    """What goes away next, and where it is meanwhile. `left`: so many calls are still made before."""

    def __init__(self) -> None:
        self.folder = Path()
        self.left = 0
        self.leaves_mount_point = False
        self.is_watched = False
        self.is_mount_point = False

    @property
    def away(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.away")

    @property
    def is_away(self) -> bool:
        return self.away.exists()

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _CALLS or not isinstance(arguments[0], (str, bytes, os.PathLike)):
            return
        path = Path(os.fsdecode(arguments[0]))
        # To make a folder that is there changes nothing; filelock does so for each lock.
        if not path.is_relative_to(self.folder) or (event == "os.mkdir" and path.is_dir()):
            return
        if self.is_watched:
            self.left -= 1
            if self.left < 0:
                self._go()
        if self.is_mount_point and (event in _CHANGES or (event == "open" and _is_for_writing(arguments))):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    def _go(self) -> None:
        self.is_watched = False
        self.folder.rename(self.away)
        if self.leaves_mount_point:
            self.folder.mkdir()
            self.is_mount_point = True

    def bring_back(self) -> None:
        """The folder is there again. Fails where somebody has put something in its place meanwhile."""
        if self.is_mount_point:
            self.is_mount_point = False
            self.folder.rmdir()
        assert not self.folder.exists(), "another folder was put in its place"
        self.away.rename(self.folder)


def _is_for_writing(arguments: tuple[Any, ...]) -> bool:
    _, mode, flags = arguments
    return (
        any(letter in mode for letter in "wxa+") if isinstance(mode, str) else bool(flags & (os.O_WRONLY | os.O_RDWR))
    )


_vanishing = Vanishing()
_is_heard = False


@contextmanager
def vanishing(folder: Path, after: int, *, leaves_mount_point: bool = False) -> Iterator[Vanishing]:
    """Moves a folder away once `after` calls below it were made; with `leaves_mount_point` an empty one stands there
    that nobody may write to.

    It stays away behind the block, until it is brought back.
    """
    global _is_heard
    if not _is_heard:
        # There is no way to take a hook away; it does nothing outside of this block.
        sys.addaudithook(lambda event, arguments: _vanishing.hear(event, arguments))
        _is_heard = True
    _vanishing.folder, _vanishing.left, _vanishing.leaves_mount_point = folder, after, leaves_mount_point
    _vanishing.is_watched, _vanishing.is_mount_point = True, False
    try:
        yield _vanishing
    finally:
        _vanishing.is_watched = False
