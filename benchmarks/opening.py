"""Opening a folder, beside os.scandir plus reading every sidecar in one thread."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.folders import many_photos
from benchmarks.table import Row
from lib.dataset.scan.scanner import open_dataset

_ROUNDS = {8_091: 9, 100_000: 5}


def _floor(folder: Path) -> int:
    size = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".txt"):
                with open(entry.path, "rb") as file:
                    size += len(file.read())
    return size


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(scratch: Path) -> list[Row]:
    rows = []
    for count, rounds in _ROUNDS.items():
        folder = many_photos(scratch / f"opening-{count}", count)
        # Files as young as this are read again on purpose; a real folder is older.
        time.sleep(2.5)
        floors, firsts, agains = [], [], []
        opened = open_dataset(folder)
        for _ in range(rounds):
            floors.append(_seconds(partial(_floor, folder)))
            firsts.append(_seconds(partial(open_dataset, folder)))
            agains.append(_seconds(partial(open_dataset, folder, previous=opened)))
        floor, first, again = median(floors), median(firsts), median(agains)
        assert len(opened) == count
        rows.append(
            Row(f"open {count:,} photos, first time", first, "s", "at most 1.5 x floor", first <= 1.5 * floor, floor)
        )
        rows.append(
            Row(f"open {count:,} photos, again", again, "s", "at most 0.8 x floor", again <= 0.8 * floor, floor)
        )
    return rows
