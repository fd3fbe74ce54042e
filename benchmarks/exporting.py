"""Exporting and importing 8,091 photos, beside a plain tar of the same files, written and unpacked with a sync."""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from PIL import Image

from benchmarks.folders import many_photos
from benchmarks.table import Row
from lib.dataset.scan.scanner import open_dataset
from lib.exporting.planning import plan_export
from lib.exporting.verify import verify
from lib.exporting.writing import export
from lib.importing.base import ImportTarget
from lib.importing.import_into import import_into
from lib.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
_COUNT = 8_091
_ROUNDS = 3
_FORMATS = {"webdata-zip": 2.0, "webdataset": 4.0}

_MEMORY = """
import re, sys
from pathlib import Path
from lib.dataset.scan.scanner import open_dataset
from lib.exporting.planning import plan_export
from lib.exporting.writing import export

root, out = Path(sys.argv[1]), Path(sys.argv[2])
plan = plan_export(root, open_dataset(root).records[: int(sys.argv[3])])
import webdataset.writer, pyarrow.parquet
export("webdataset", plan, out)
# Not getrusage: its peak counts what the parent held when it started this process.
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


class _Watch:
    """Notes when the first sample is read back: all is written and on the disk by then."""

    written = 0.0

    def advance(self, done: int, total: int) -> None:
        if done >= _COUNT and not self.written:
            self.written = time.perf_counter()

    def is_cancelled(self) -> bool:
        return False


def _photos(folder: Path) -> Path:
    """As many photos as in Flickr8k, of the size of its thumbnails (about 15 KB each), with captions."""
    many_photos(folder, _COUNT)
    draw = random.Random(7)
    pictures = []
    for _ in range(100):
        noise = Image.frombytes("RGB", (28, 28), draw.randbytes(28 * 28 * 3)).resize(
            (224, 224), Image.Resampling.BICUBIC
        )
        buffer = io.BytesIO()
        noise.save(buffer, "JPEG", quality=95)
        pictures.append(buffer.getvalue())
    for number, path in enumerate(sorted(folder.glob("*.jpg"))):
        path.write_bytes(pictures[number % len(pictures)])
    return folder


def _seconds(work: Callable[[], object]) -> float:
    os.sync()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _tar(folder: Path, target: Path) -> None:
    subprocess.run(["tar", "-cf", target, "-C", folder, "."], check=True)
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _untar(archive: Path, target: Path) -> None:
    target.mkdir()
    subprocess.run(["tar", "-xf", archive, "-C", target], check=True)
    os.sync()


def _exports(folder: Path, scratch: Path) -> list[Row]:
    records = open_dataset(folder).records
    rows = []
    for format, factor in _FORMATS.items():
        floors, written, checked = [], [], []
        for turn in range(_ROUNDS):
            floors.append(_seconds(lambda: _tar(folder, scratch / "plain.tar")))
            out = scratch / f"out-{format}-{turn}"
            watch = _Watch()
            os.sync()
            start = time.perf_counter()
            done = export(format, plan_export(folder, records), out, watch)
            written.append(watch.written - start)
            checked.append(time.perf_counter() - watch.written)
            assert done.samples == _COUNT == verify(out).samples
            shutil.rmtree(out)
        floor, write, check = median(floors), median(written), median(checked)
        rows += [
            Row(f"{format}, {_COUNT:,} photos, on the disk", write, "s", f"at most {factor:g} x tar",
                write <= factor * floor, floor),
            Row(f"{format}, read back and compared", check, "s", "at most as long again", check <= write, write),
        ]  # fmt: skip
    return rows


def _memory(folder: Path, scratch: Path) -> Row:
    kilobytes = []
    for number, count in enumerate((_COUNT // 8, _COUNT)):
        command = [sys.executable, "-c", _MEMORY, str(folder), str(scratch / f"memory-{number}"), str(count)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        kilobytes.append(int(done.stdout))
    few, many = (number / 1_000 for number in kilobytes)
    return Row("memory of an export, 8 x the samples", many, "MB", "at most 20 MB more", many <= few + 20, few)


def _import(folder: Path, scratch: Path) -> Row:
    settings = Settings(home=scratch / "home")
    source = export("webdata-zip", plan_export(folder, open_dataset(folder).records), scratch / "source").path
    _tar(folder, scratch / "plain.tar")
    floors, figures = [], []
    for turn in range(_ROUNDS):
        floors.append(_seconds(lambda turn=turn: _untar(scratch / "plain.tar", scratch / f"untar-{turn}")))  # type: ignore[misc]
        target = scratch / f"import-{turn}"
        figures.append(_seconds(lambda target=target: import_into(source, ImportTarget(target, settings, "local"))))  # type: ignore[misc]
        assert open_dataset(target).tagged == _COUNT
    floor, figure = _COUNT / median(floors), _COUNT / median(figures)
    aim = min(3_000, 0.7 * floor)
    return Row("import of a webdata.zip", figure, "/s", f"at least {aim:,.0f}/s", figure >= aim, floor)


def measure(scratch: Path) -> list[Row]:
    folder = _photos(scratch / "photos")
    rows = _exports(folder, scratch)
    return [*rows, _memory(folder, scratch), _import(folder, scratch)]
