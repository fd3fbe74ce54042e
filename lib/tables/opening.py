"""Opens tables where a folder would be opened, and keeps those that were opened last."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from itertools import islice
from pathlib import Path

from lib.dataset.workspace.roots import resolve_folder, resolve_source
from lib.errors import InvalidInput
from lib.memory import give_back
from lib.parts.job import JOB_FILE, name_number
from lib.places import DataPlace, place_at
from lib.settings import Settings
from lib.tables.dataset import TableDataset
from lib.tables.overlay import Overlay, overlay_folder
from lib.tables.pictures import pictures_of
from lib.tables.reading import ENDING, job_source, list_files, read_table, stamp_of

_LOOKED_AT = 200
MANY_ROWS = 100_000
"""From which on it is worth the time to hand back what was taken on the way."""


def is_table(path: Path) -> bool:
    """Whether a path is a Parquet file, or a folder with the parts of a job. Nothing is read."""
    if path.name.lower().endswith(ENDING):
        return path.is_file()
    try:
        with os.scandir(path) as entries:
            names = {entry.name for entry in islice(entries, _LOOKED_AT)}
    except (OSError, ValueError):
        return False
    # A job begins with its file; without one the first names tell.
    return (path / JOB_FILE).is_file() or any(name_number(name) is not None for name in names)


def resolve_table(text: str, settings: Settings, owner: str) -> Path | None:
    """The real path of a table that this owner may open, None for what is none. Raises FolderRefused.

    The folder that its pictures are taken from must be open to them, too.
    """
    real = resolve_source(text, settings, owner)
    if not is_table(real):
        return None
    if source := _local_source(_place_of(real)[0]):
        resolve_folder(source, settings, owner)
    return real


def resolve_dataset(text: str, settings: Settings, owner: str) -> Path:
    """The real path of a folder or a table that this owner may open. Raises FolderRefused."""
    return resolve_table(text, settings, owner) or resolve_folder(text, settings, owner)


def _place_of(root: Path) -> tuple[DataPlace, str]:
    """Where a table lies, and the one file of it that is meant."""
    return (place_at(str(root.parent)), root.name) if root.is_file() else (place_at(str(root)), "")


def _local_source(place: DataPlace) -> str:
    """The folder of this machine that a job's pictures lie in, "" where that is none, or is not there any more."""
    source = job_source(place)
    try:
        folder = place_at(source).folder if source else None
    except InvalidInput:
        return ""
    return str(folder) if folder is not None and folder.is_dir() else ""


def open_table(root: Path, settings: Settings) -> TableDataset:
    """The table at a real path with what was edited in it. Raises InvalidInput, PlaceFailed."""
    place, only = _place_of(root)
    overlay = Overlay(overlay_folder(root, settings.home))
    # Before the files are read: what is folded into them meanwhile is noticed by this.
    folds = overlay.folded().times
    files, columns = read_table(place, only)
    pictures = pictures_of(files, columns.find, _local_source(place) if not only else "", settings.home)
    dataset = TableDataset(root, files, columns, pictures, overlay, folds)
    dataset.catch_up()
    if len(dataset) > MANY_ROWS:
        # Of a million rows 90 MB were taken on the way.
        give_back()
    return dataset


class TableCache:
    """The tables opened last. One that is as it was is not read again. Safe for threads."""

    def __init__(self, size: int = 2) -> None:
        self._size = size
        self._kept: OrderedDict[Path, TableDataset] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, root: Path, settings: Settings) -> TableDataset:
        """The table at a real path, with what others have edited since. Raises InvalidInput, PlaceFailed."""
        place, only = _place_of(root)
        stamp = stamp_of(list_files(place, only))
        # Whoever comes while a large one is read for the first time waits, and then has it.
        with self._lock:
            found = self._kept.get(root)
            if found is None or found.files.stamp != stamp:
                found = self._kept[root] = open_table(root, settings)
            self._kept.move_to_end(root)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        found.catch_up()
        return found

    def clear(self) -> None:
        """Forgets all tables."""
        with self._lock:
            self._kept.clear()
