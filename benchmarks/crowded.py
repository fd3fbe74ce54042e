"""Opening a folder that holds 200,000 entries, the whole way from its name to its images and their history."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.folders import many_photos
from benchmarks.table import Row
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.scan.scanner import OpeningOptions, open_dataset
from lib.dataset.workspace.hidden import clear_killed
from lib.settings import Settings

_ENTRIES = 200_000
_LIMIT_S = 10.0


def _photos_with_captions(folder: Path) -> int:
    many_photos(folder, _ENTRIES // 2)
    return _ENTRIES // 2


def _photos_alone(folder: Path) -> int:
    folder.mkdir(parents=True)
    for number in range(_ENTRIES):
        (folder / f"photo{number:06d}.jpg").touch()
    return _ENTRIES


def _other_files(folder: Path) -> int:
    folder.mkdir(parents=True)
    for number in range(_ENTRIES):
        (folder / f"notes{number:06d}.json").touch()
    return 0


_KINDS: dict[str, Callable[[Path], int]] = {
    "photos with captions": _photos_with_captions,
    "photos alone": _photos_alone,
    "files of other kinds": _other_files,
}


def measure(scratch: Path) -> list[Row]:
    rows = []
    settings = Settings(home=scratch / "home")
    for name, make in _KINDS.items():
        folder = scratch / f"crowded-{name.replace(' ', '-')}"
        count = make(folder)
        start = time.perf_counter()
        journal = journal_for(folder, settings)
        clear_killed(folder)
        opened = open_dataset(folder, OpeningOptions(shared_allowed=journal.shared_allowed()))
        seconds = time.perf_counter() - start
        assert len(opened) == count
        label = f"open a folder of {_ENTRIES:,} entries, {name}"
        rows.append(Row(label, seconds, "s", f"under {_LIMIT_S:.0f} s", seconds < _LIMIT_S))
    return rows
