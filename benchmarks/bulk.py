"""Replacing a word in every caption, journaled, beside a bare loop that writes temps, syncs once and renames."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.folders import many_photos
from benchmarks.table import Row
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.store import Store
from lib.dataset.saving.targets import Edit
from lib.dataset.scan.scanner import open_dataset
from lib.dataset.tag_files.sidecar import hash_of
from lib.settings import Settings

_COUNT = 8_091
_ROUNDS = 4

Times = tuple[float, float]
"""Seconds by the clock, and of the processor."""


def _bare_loop(folder: Path) -> None:
    """Writes every caption anew, as it was: the operations beside it find the texts that they expect."""
    pairs = []
    for number, path in enumerate(sorted(folder.glob("*.txt"))):
        temp = folder / f".~{number}"
        with path.open("rb") as old, temp.open("wb") as new:
            new.write(old.read().replace(b"a ", b"a "))
        pairs.append((temp, path))
    os.sync()
    for temp, path in pairs:
        temp.replace(path)


def _keep_inodes(folder: Path, kept: Path) -> None:
    """Gives each caption's file a second name.

    On ext4 a new file is slow to make where many were freed a short time ago, so a run would pay for all the runs
    before it: three to five times the time of the first. With a second name nothing is freed.
    """
    kept.mkdir(parents=True)
    for path in folder.glob("*.txt"):
        (kept / path.name).hardlink_to(path)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


class _Course:
    """Runs over one and the same folder, each from rest, and what each kind of them took."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs = 0
        self.times: dict[str, list[Times]] = {"floor": [], "apply": [], "undo": []}

    def run(self, kind: str, work: Callable[[], object]) -> None:
        _keep_inodes(self._folder, self._folder.parent / f"kept/{self._runs}")
        self._runs += 1
        os.sync()
        clock, processor = time.perf_counter(), time.process_time()
        work()
        self.times[kind].append((time.perf_counter() - clock, time.process_time() - processor))

    def rate(self, kind: str, which: int = 0) -> float:
        """Captions a second in the quickest run: whatever disturbs a run makes it slower, never quicker."""
        return _COUNT / min(times[which] for times in self.times[kind])


def measure(scratch: Path) -> list[Row]:
    settings = Settings(home=scratch / "home")
    folder = many_photos(scratch / "bulk", _COUNT)
    dataset = open_dataset(folder)
    journal = journal_for(folder, settings)
    operations = Operations(Store(folder, journal, "local", settings, dataset))
    course, growth, allowed = _Course(folder), 0, 0
    for turn in range(_ROUNDS):
        edits = [Edit(r.name, hash_of(r.text.encode()), f"{r.text} {turn}") for r in dataset.records]
        allowed = sum(4 * len(edit.text.encode()) + 400 for edit in edits)
        journal.trim()
        size = _size(settings.journals)
        # In either order, since each may leave something for the next one to pay; each kind runs equally often.
        runs = [("floor", partial(_bare_loop, folder)), ("apply", partial(operations.apply, edits, "replace"))]
        for kind, work in runs if turn % 2 else reversed(runs):
            course.run(kind, work)
        growth = max(growth, _size(settings.journals) - size)
        course.run("undo", operations.undo)
    assert [r.text for r in dataset.records] == [r.text for r in open_dataset(folder).records]
    assert operations.history(1)[0].files == _COUNT
    floor, apply, undo = (course.rate(kind) for kind in ("floor", "apply", "undo"))
    busy_floor, busy_apply = course.rate("floor", 1), course.rate("apply", 1)
    return [
        Row(f"replace in {_COUNT:,} captions", apply, "/s", "at least 0.8 x floor", apply >= 0.8 * floor, floor),
        Row("the same, a second of processor time", busy_apply, "/s", "at least 0.8 x floor",
            busy_apply >= 0.8 * busy_floor, busy_floor),
        Row(f"undo {_COUNT:,} captions", undo, "/s", "at least as fast as apply", undo >= 0.95 * apply, apply),
        Row("journal growth a caption", growth / _COUNT, "B", "at most 4 x text + 400", growth <= allowed,
            allowed / _COUNT),
    ]  # fmt: skip
