"""What decoding takes: hostile pictures alone, four at once, and how fast photos are beside Pillow alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from statistics import median

from PIL import Image

from benchmarks.table import Row
from lib.images import load_image
from tests.doubles.large_pictures import LARGE

ROOT = Path(__file__).resolve().parents[1]
_SIDE = 7_070
_PHOTOS = {"0.2": (500, 375), "2": (1_600, 1_200), "12": (4_000, 3_000), "24": (6_000, 4_000)}

_PEAK = """
import os, resource, sys, threading
from pathlib import Path
from concurrent.futures import ThreadPoolExecutor
from PIL import Image
from lib.errors import ImageRefused
from lib.images import load_image
Image.init()

def in_use():
    with open("/proc/self/task/%d/children" % os.getpid()) as file:
        beside = file.read().split()
    total = 0
    for process in ["self", *beside]:
        try:
            total += int(open(f"/proc/{process}/statm").read().split()[1]) * 4096 / 1e6
        except OSError:
            pass
    return total

def opened(path):
    try:
        load_image(path, 1_600)
    except ImageRefused:
        pass

threads = int(sys.argv[1])
before, most, over = in_use(), [0], threading.Event()
def watch():
    while not over.wait(0.004):
        most[0] = max(most[0], in_use())
watcher = threading.Thread(target=watch)
watcher.start()
with ThreadPoolExecutor(threads) as pool:
    list(pool.map(opened, map(Path, sys.argv[2:])))
over.set()
watcher.join()
peak = next(int(line.split()[1]) / 1e3 for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(before, max(peak, most[0]))
"""


def _peak(paths: list[Path], threads: int) -> tuple[float, float]:
    """MB in use before and at most, processes beside counted too."""
    command = [sys.executable, "-c", _PEAK, str(threads), *map(str, paths)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    before, most = map(float, done.stdout.split())
    return before, most


def _pillow_alone(path: Path) -> None:
    """What takes no care: as large as is needed, then shrunk."""
    with Image.open(path) as image:
        image.draft("RGB", (3_200, 3_200))
        image.load()
        if max(image.size) > 1_600:
            ratio = 1_600 / max(image.size)
            size = round(image.width * ratio), round(image.height * ratio)
            image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        else:
            image.copy()


def _seconds(path: Path) -> tuple[float, float]:
    ours, floor = [], []
    for _ in range(15):
        for work, times in ((partial(load_image, path, 1_600), ours), (partial(_pillow_alone, path), floor)):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
    return median(ours[1:]), median(floor[1:])


def measure(scratch: Path) -> list[Row]:
    paths = []
    for name, make in LARGE.items():
        make(scratch / name, _SIDE)
        paths.append(scratch / name)
    alone = {path.name: _peak([path], 1)[1] for path in paths}
    worst = max(alone, key=lambda name: alone[name])
    rows = [Row(f"hostile picture alone, the worst: {worst}", alone[worst], "MB", "under 300 MB", alone[worst] < 300)]
    folder = Path(os.environ.get("TOOLKIT_TEST_DATA", "/nonexistent")) / "hostile/images"
    if found := [path for path in folder.rglob("*") if path.is_file()]:
        most = _peak(found, 1)[1]
        rows.append(Row(f"{len(found)} hostile files, the worst", most, "MB", "under 300 MB", most < 300))
    heavy = [path for path in paths if path.suffix in (".png", ".tif", ".gif", ".bmp")]
    before, most = _peak(4 * heavy, 4)
    rows.append(Row("four at once, above idle", most - before, "MB", "under 500 MB", most - before < 500))
    for megapixels, size in _PHOTOS.items():
        path = scratch / "photo.jpg"
        noise = Image.effect_noise((size[0] // 10, size[1] // 10), 90).convert("RGB")
        noise.resize(size, Image.Resampling.BICUBIC).save(path, quality=90)
        ours, floor = _seconds(path)
        words = f"JPEG of {megapixels} megapixels for the screen"
        is_met = ours <= max(1.05 * floor, floor + 2e-4)
        rows.append(Row(words, ours * 1e3, "ms", "at most 5 % or 0.2 ms over Pillow", is_met, floor * 1e3))
    return rows
