"""Replacing a word in every caption, journaled, beside a bare loop that writes temps, syncs once and renames."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.folders import many_photos
from benchmarks.table import Row
from lib.dataset.journal import journal_for
from lib.dataset.operations import Edit, Operations
from lib.dataset.scan import open_dataset
from lib.dataset.sidecar import hash_of
from lib.dataset.store import Store
from lib.settings import Settings

_COUNT = 8_091
_ROUNDS = 4


def _seconds_from_rest(work: Callable[[], object]) -> float:
    os.sync()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _floor(folder: Path) -> None:
    pairs = []
    for number, path in enumerate(sorted(folder.glob("*.txt"))):
        temp = folder / f".~{number}"
        with path.open("rb") as old, temp.open("wb") as new:
            new.write(old.read().replace(b"a ", b"one "))
        pairs.append((temp, path))
    os.sync()
    for temp, path in pairs:
        temp.replace(path)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def measure(scratch: Path) -> list[Row]:
    settings = Settings(home=scratch / "home")
    folder, other = many_photos(scratch / "bulk", _COUNT), many_photos(scratch / "floor", _COUNT)
    dataset = open_dataset(folder)
    journal = journal_for(folder, settings)
    operations = Operations(Store(folder, journal, "local", settings, dataset))
    floors, applied, undone, growth, allowed = [], [], [], 0, 0
    for turn in range(_ROUNDS):
        edits = [Edit(r.name, hash_of(r.text.encode()), f"{r.text} {turn}") for r in dataset.records]
        allowed = sum(4 * len(edit.text.encode()) + 400 for edit in edits)
        journal.trim()
        size = _size(settings.journals)
        # A file system that has just freed many files makes new ones slowly, so both folders free equally many.
        floors.append(_seconds_from_rest(lambda: _floor(other)))
        applied.append(_seconds_from_rest(lambda edits=edits: operations.apply(edits, "replace")))  # type: ignore[misc]
        growth = max(growth, _size(settings.journals) - size)
        floors.append(_seconds_from_rest(lambda: _floor(other)))
        undone.append(_seconds_from_rest(operations.undo))
    assert [r.text for r in dataset.records] == [r.text for r in open_dataset(folder).records]
    assert operations.history(1)[0].files == _COUNT
    floor, apply, undo = (_COUNT / median(times) for times in (floors, applied, undone))
    return [
        Row(f"replace in {_COUNT:,} captions", apply, "/s", "at least 0.8 x floor", apply >= 0.8 * floor, floor),
        Row(f"undo {_COUNT:,} captions", undo, "/s", "at least as fast as apply", undo >= 0.95 * apply, apply),
        Row("journal growth a caption", growth / _COUNT, "B", "at most 4 x text + 400", growth <= allowed,
            allowed / _COUNT),
    ]  # fmt: skip
