"""An image of a dataset, which may have become a link to something else since the dataset was opened."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol, TypeAlias
from weakref import WeakValueDictionary

from lib.bounds import Bounds, real_path_of
from lib.errors import ImageRefused
from lib.settings import settings


class PictureSource(Protocol):
    """Where the pictures of a dataset are that is no folder. Safe for threads."""

    def open(self, below: str) -> int:
        """A handle of a file with nothing but the picture; whoever asked closes it. Raises OSError, ImageRefused."""

    def stat(self, below: str) -> os.stat_result:
        """Another one where the picture is another. Raises OSError."""


_sources: WeakValueDictionary[Path, PictureSource] = WeakValueDictionary()


def provide_pictures(root: Path, source: PictureSource) -> None:
    """From now on the pictures of a root come from a source, as long as somebody holds it."""
    _sources[root] = source


@dataclass(frozen=True, slots=True)
class Picture(os.PathLike[str]):
    """An image by its dataset's root and its path below it. It is opened only where it leads to what the root holds."""

    root: Path
    below: str

    @property
    def path(self) -> Path:
        return self.root / self.below

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.below.rpartition("/")[2]

    def __fspath__(self) -> str:
        return os.fspath(self.path)

    def __str__(self) -> str:
        return str(self.path)

    def stat(self) -> os.stat_result:
        source = _sources.get(self.root)
        return source.stat(self.below) if source is not None else self.path.stat()

    def open(self, flags: int) -> int:
        """A handle of the file, which is yet to be checked. Raises OSError, ImageRefused."""
        source = _sources.get(self.root)
        return source.open(self.below) if source is not None else os.open(self, flags)

    def check(self, handle: int) -> None:
        """Raises ImageRefused unless the file that was opened lies in the dataset."""
        if self.root in _sources:
            return
        real, root, home = real_path_of(handle, self), os.fspath(self.root), os.fspath(settings().home)
        # To ask where links lead costs as much as opening; that a folder is still the same one is asked in one call.
        bounds = _bounds(root, home, _identity(root), _identity(home))
        if not bounds.hold(real) and not _fresh_bounds(root, home).hold(real):
            raise ImageRefused(
                f"“{self.name}” is a link that leads out of the dataset.", "It is not shown, sent or copied."
            )


def _fresh_bounds(root: str, home: str) -> Bounds:
    return Bounds(os.path.realpath(root), (os.path.realpath(home),))


def _identity(folder: str) -> tuple[int, int]:
    try:
        found = os.stat(folder)  # noqa: PTH116 - string paths, as everywhere here
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


@lru_cache(maxsize=64)
def _bounds(root: str, home: str, root_id: tuple[int, int], home_id: tuple[int, int]) -> Bounds:
    """Those of before, for as long as both names lead to the same folders."""
    return _fresh_bounds(root, home)


AnyPicture: TypeAlias = Path | Picture
"""A picture of a dataset, or a file that the toolkit itself has just put where it is."""
