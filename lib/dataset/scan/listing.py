"""What lies in one folder: images, tag files, subfolders, and what is wrong with some of them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, islice

from lib.bounds import Bounds
from lib.dataset.scan.file_names import (
    IMAGE,
    LEFT_OUT_FOLDERS,
    MASK_ENDINGS,
    NEITHER,
    NOT_READ,
    PNG,
    SIDECAR,
    SIDECAR_OTHER_CASE,
    Kinds,
    is_text,
    printable,
)
from lib.images import missing_package

BAD_NAME = "the name is not valid text"
LEADS_OUT = "a link that leads out of the dataset"
DANGLING = "a link to nothing"
NOT_REGULAR = "not a regular file"

_HASHED = 1_000
"""Names that are hashed together."""


@dataclass(slots=True)
class FolderListing:
    """One folder's content by kind. `sidecars` maps a stem to the file's own ending.

    `linked` holds the stems whose tag file is a link, `links` the subfolders that are links; `simple` is true where
    nothing in the folder is a link, so that its times tell all about it.
    """

    images: list[str] = field(default_factory=list)
    sidecars: dict[str, str] = field(default_factory=dict)
    subfolders: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    simple: bool = True

    @property
    def fingerprint(self) -> int:
        """Equal for two listings of the same names in the same order."""
        return hash((_folded(self.images), _folded(chain.from_iterable(self.sidecars.items()))))


def _folded(names: Iterable[str]) -> int:
    found, waiting = 0, iter(names)
    while some := tuple(islice(waiting, _HASHED)):
        found = hash((found, some))
    return found


def needed_for(ending: str) -> str:
    """What is to be said of an image of a kind that a package reads which is not installed."""
    package = missing_package("." + ending.lower())
    return f"it can be read where the package {package} is installed"


def list_folder(path: str, kinds: Kinds, bounds: Bounds) -> FolderListing:
    """Lists one folder, whose links must not leave the bounds. Raises OSError where it cannot be read."""
    found = FolderListing()
    usual = kinds.usual
    images, sidecars = found.images, found.sidecars
    with os.scandir(path) as entries:
        for entry in entries:
            name = entry.name
            if name[0] == ".":
                continue
            stem, _, ending = name.rpartition(".")
            kind = kinds[ending] if stem else NEITHER
            if not entry.is_file(follow_symlinks=False):
                _add_other(found, entry, kind, bounds)
            elif kind is IMAGE and name.isascii():
                images.append(name)
            elif kind is SIDECAR and name.isascii():
                sidecars[stem] = usual
            elif kind is not NEITHER:
                _add_uncommon(found, name, kind)
    return found


def fingerprint_of(path: str, kinds: Kinds) -> tuple[int, tuple[str, ...]] | None:
    """The fingerprint and the subfolders of a folder, without a list of its names: a million would take 200 MB.

    None where anything in it needs a closer look. Raises OSError where it cannot be read.
    """
    images, sidecars = _Folding(), _Folding()
    subfolders: list[str] = []
    with os.scandir(path) as entries:
        for entry in entries:
            name = entry.name
            if name[0] == ".":
                continue
            stem, _, ending = name.rpartition(".")
            kind = kinds[ending] if stem else NEITHER
            if not entry.is_file(follow_symlinks=False):
                if name in LEFT_OUT_FOLDERS or not entry.is_dir(follow_symlinks=False) or not is_text(name):
                    return None
                subfolders.append(name)
            elif kind is IMAGE and name.isascii():
                images.take(name)
            elif kind is SIDECAR and name.isascii():
                sidecars.take(stem)
                sidecars.take(ending)
            elif kind is not NEITHER:
                return None
    return hash((images.end(), sidecars.end())), tuple(subfolders)


class _Folding:
    """The same as `_folded`, of names that come one by one."""

    def __init__(self) -> None:
        self._found = 0
        self._waiting: list[str] = []

    def take(self, name: str) -> None:
        self._waiting.append(name)
        if len(self._waiting) == _HASHED:
            self._fold()

    def end(self) -> int:
        if self._waiting:
            self._fold()
        return self._found

    def _fold(self) -> None:
        self._found = hash((self._found, tuple(self._waiting)))
        self._waiting.clear()


def _add_uncommon(found: FolderListing, name: str, kind: int) -> None:
    """A regular file whose name needs a closer look."""
    stem, _, ending = name.rpartition(".")
    if not is_text(name):
        if kind in (IMAGE, PNG):
            found.unreadable[printable(name)] = BAD_NAME
    elif kind == NOT_READ:
        found.unreadable[name] = needed_for(ending)
    elif kind == SIDECAR:
        found.sidecars[stem] = ending
    elif kind == SIDECAR_OTHER_CASE:
        found.sidecars.setdefault(stem, ending)
    elif kind == IMAGE or not stem.endswith(MASK_ENDINGS):
        found.images.append(name)


def _add_other(found: FolderListing, entry: os.DirEntry[str], kind: int, bounds: Bounds) -> None:
    """A folder, a link, or something that is no file at all."""
    name = entry.name
    if name in LEFT_OUT_FOLDERS:
        return
    if entry.is_dir(follow_symlinks=False):
        if is_text(name):
            found.subfolders.append(name)
        else:
            found.unreadable[printable(name)] = BAD_NAME
        return
    found.simple = False
    problem = _problem(entry, bounds) if is_text(name) else BAD_NAME
    if problem == "" and entry.is_dir():
        found.links.append(name)
    elif kind in (IMAGE, PNG):
        stem = name.rpartition(".")[0]
        if problem:
            found.unreadable[printable(name)] = problem
        elif kind == IMAGE or not stem.endswith(MASK_ENDINGS):
            found.images.append(name)
    elif kind not in (NEITHER, NOT_READ) and problem != BAD_NAME:
        # Even one that leads out is listed: reading it says why it is refused, and nothing is written beside it.
        stem, _, ending = name.rpartition(".")
        found.sidecars.setdefault(stem, ending)


def _problem(entry: os.DirEntry[str], bounds: Bounds) -> str:
    if not entry.is_symlink():
        return NOT_REGULAR
    try:
        if not bounds.hold(os.path.realpath(entry.path)):
            return LEADS_OUT
        mode = entry.stat().st_mode
    except (OSError, ValueError):
        return DANGLING
    return "" if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else NOT_REGULAR
