"""A look at a folder before it is opened: a few of its pictures, how many there are, how many have a caption."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from lib.bounds import Bounds
from lib.dataset.scan.file_names import Kinds, natural_order
from lib.dataset.scan.listing import FolderListing, list_folder

SECONDS = 0.3
"""A look may take so long: somebody points at a row and waits."""

_AT_ONCE = 512
_TOO_LARGE = 20_000_000
"""Bytes of a picture that would take too long to be shown in passing."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """`pictures`: names below the folder. Where it is not `whole`, there are more than were counted."""

    images: int = 0
    captioned: int = 0
    whole: bool = True
    pictures: tuple[str, ...] = ()


def glimpse(
    folder: Path,
    *,
    recursive: bool = True,
    suffix: str = ".txt",
    private: Collection[Path] = (),
    pictures: int = 4,
    seconds: float = SECONDS,
) -> Glimpse:
    """What would be found in a folder, as far as one gets within so many seconds. No file is read.

    A tag file with anything in it counts as a caption. Links to folders are not followed, and a folder that cannot be
    listed holds nothing.
    """
    look = _Look(os.path.realpath(folder), suffix, private, time.monotonic() + seconds)
    whole = look.walk(recursive)
    return Glimpse(len(look.images), look.captioned, whole, tuple(look.few(pictures)))


class _Look:
    def __init__(self, root: str, suffix: str, private: Collection[Path], until: float) -> None:
        self._root = root
        self._kinds = Kinds(suffix)
        self._bounds = Bounds(root, tuple(os.path.realpath(path) for path in private))
        self._until = until
        self.images: list[str] = []
        self.captioned = 0

    def walk(self, recursive: bool) -> bool:
        """Count, those at the top first; false where the time was too short."""
        waiting = [""]
        for below in waiting:
            if self._is_late():
                return False
            path = f"{self._root}{os.sep}{below}"
            if not self._bounds.hold(os.path.realpath(path)):
                continue
            try:
                found = list_folder(path, self._kinds, self._bounds)
            except OSError:
                continue
            self.images += [below + name for name in found.images]
            if not self._count(path, found):
                return False
            if recursive:
                waiting += [f"{below}{name}{os.sep}" for name in found.subfolders]
        return True

    def _count(self, path: str, found: FolderListing) -> bool:
        for number, name in enumerate(found.images):
            if number % _AT_ONCE == 0 and self._is_late():
                return False
            stem = name.rpartition(".")[0]
            if (ending := found.sidecars.get(stem)) is not None:
                self.captioned += _size(f"{path}{os.sep}{stem}.{ending}") > 0
        return True

    def few(self, count: int) -> list[str]:
        """Pictures from all over the folder; those beside each other are often of the same thing."""
        names = natural_order(self.images)
        places = dict.fromkeys(at * len(names) // count for at in range(count)) if names else {}
        return [name for place in places if 0 < _size(f"{self._root}{os.sep}{(name := names[place])}") <= _TOO_LARGE]

    def _is_late(self) -> bool:
        return time.monotonic() > self._until


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - string paths, as in a scan
    except OSError:
        return 0
