"""What parts cost: by processes beside one process, by Ray beside processes, and what a driver holds.

`make bench-scale`. Ratios of processor time in one run; that of every process of a measurement is sampled from /proc,
since Ray's are no children of ours. PARTS_IMAGES, PARTS_ACTORS, PARTS_DRIVEN and PARTS_LISTED make it shorter.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
from pathlib import Path

from benchmarks.folders import many_photos
from benchmarks.table import Row
from tests.doubles.repository import ROOT

IMAGES = int(os.environ.get("PARTS_IMAGES", "8000"))
ACTORS = [int(one) for one in os.environ.get("PARTS_ACTORS", "1,8,32").split(",")]
DRIVEN = int(os.environ.get("PARTS_DRIVEN", "25000"))
LISTED = int(os.environ.get("PARTS_LISTED", "1000000"))
_ORIGINALS = 400
_TURNS = 2_000
_ITEM_S, _ITEMS_A_PART, _PARTS_A_WORKER = 0.05, 20, 6
_TICKS = os.sysconf("SC_CLK_TCK")
_RAY = ROOT / ".venv-ray" / "bin" / "python"


class _Sampled:
    """Processor seconds of all processes that bear a mark in their environment."""

    def __init__(self, mark: str) -> None:
        self._mark = f"BENCH_MARK={mark}".encode()
        self._spent: dict[int, float] = {}
        self._others: set[int] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> float:
        self._over.set()
        self._thread.join()
        return sum(self._spent.values())

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            for place in Path("/proc").glob("[0-9]*"):
                pid = int(place.name)
                if pid not in self._others:
                    self._look(pid, place)

    def _look(self, pid: int, place: Path) -> None:
        try:
            if pid not in self._spent and self._mark not in (place / "environ").read_bytes():
                self._others.add(pid)
                return
            fields = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            return
        self._spent[pid] = (int(fields[11]) + int(fields[12])) / _TICKS


def _measured(what: str, *arguments: object, python: Path | str = sys.executable) -> tuple[dict[str, float], float]:
    """The figures of a measurement, and the processor seconds of all its processes."""
    mark = secrets.token_hex(8)
    sampled = _Sampled(mark)
    done = subprocess.run(
        [str(python), "-m", "benchmarks.parts_apart", what, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"BENCH_MARK": mark},
        capture_output=True,
        text=True,
        check=False,
    )
    spent = sampled.end()
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found, spent


def measure(scratch: Path) -> list[Row]:
    rows = [*_decoding(scratch), *_listing(scratch), _driver("local", sys.executable)]
    if _RAY.exists():
        rows += [*_actors(), _driver("ray", _RAY), _limiter()]
    return rows


def _decoding(scratch: Path) -> list[Row]:
    folder = scratch / "photos"
    many_photos(folder, _ORIGINALS, width=500, height=375)
    few = max(100, IMAGES // 20)
    _, one_few = _measured("decode", "none", folder, few, 1)
    _, one = _measured("decode", "none", folder, IMAGES, 1)
    _, two_few = _measured("decode", "local", folder, few, 2)
    _, two = _measured("decode", "local", folder, IMAGES, 2)
    what = f"{IMAGES:,} images decoded"
    rows = [Row(f"{what}, two processes / one", two, "CPU s", "at most 1.25", two / one <= 1.25, one)]
    if _RAY.exists():
        _, start = _measured("decode", "ray", folder, 0, 2, python=_RAY)
        _, ray_few = _measured("decode", "ray", folder, few, 2, python=_RAY)
        _, ray = _measured("decode", "ray", folder, IMAGES, 2, python=_RAY)
        items = IMAGES - few
        by_ray, local = 1000 * (ray - ray_few) / items, 1000 * (two - two_few) / items
        rows.append(Row("an image, Ray / processes", by_ray, "CPU ms", "at most 1.15", by_ray / local <= 1.15, local))
        rows.append(Row("Ray's start", start, "CPU s", "at most 10", start <= 10))
    rows.append(Row("an image, one process", 1000 * (one - one_few) / (IMAGES - few), "CPU ms", "", True))
    return rows


def _listing(scratch: Path) -> list[Row]:
    folder = scratch / "names"
    folder.mkdir()
    for number in range(LISTED):
        (folder / f"photo{number:07d}.jpg").touch()
    found, _ = _measured("listing", folder)
    assert found["names"] == LISTED
    what = f"{LISTED:,} names listed"
    return [
        Row(f"{what}: memory", found["mb"], "MB", "at most 300", found["mb"] <= 300),
        Row(what, found["s"], "CPU s", "", True),
    ]


def _driver(engine: str, python: Path | str) -> Row:
    found, _ = _measured("drive", engine, DRIVEN, python=python)
    return Row(f"driver of {DRIVEN:,} parts, {engine}", found["mb"], "MB", "below 500", found["mb"] < 500)


def _actors() -> list[Row]:
    rows, alone = [], 0.0
    for number in ACTORS:
        asked = ("sleep", "ray", number, _PARTS_A_WORKER, _ITEMS_A_PART, _ITEM_S)
        found = _measured(*asked, python=_RAY)[0]
        rate = found["items_per_s"]
        alone = alone or rate / number
        what = f"{number} actors, items of {1000 * _ITEM_S:.0f} ms"
        met = rate >= 0.9 * alone * number
        rows.append(Row(what, rate, "a second", "0.9 of linear", met, alone * number))
        rows.append(Row(f"{number} actors, between two parts of one", found["between_ms"], "ms", "", True))
    return rows


def _limiter() -> Row:
    found, _ = _measured("turns", _TURNS, python=_RAY)
    return Row("turns of one limiter actor", found["per_s"], "a second", "at least 500", found["per_s"] >= 500)
