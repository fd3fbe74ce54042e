"""The memory of an export is that of a few images, however many there are and however slow the disk is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.doubles.image_folder import draw_image
from tests.doubles.repository import ROOT

EXPORT = """
import hashlib, re, sys, time, types
from pathlib import Path
from lib.dataset.scan.scanner import open_dataset
from lib.exporting.planning import plan_export
from lib.exporting import hashed_files
from lib.exporting.writing import export

class SlowHash:
    def __init__(self):
        self.hash = hashlib.sha256()
        self.hexdigest = self.hash.hexdigest

    def update(self, data):
        time.sleep(len(data) / 200_000_000)
        self.hash.update(data)

hashed_files.hashlib = types.SimpleNamespace(sha256=SlowHash)

def memory(name):
    return int(re.search(rf"{name}:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

root, out = (Path(argument) for argument in sys.argv[1:])
plan, before = plan_export(root, open_dataset(root).records), memory("VmRSS")
export("webdata-zip", plan, out)
print(memory("VmHWM") - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads its peak of memory from /proc")
def test_an_export_of_large_images_takes_the_memory_of_a_few_however_slow_the_disk(tmp_path: Path) -> None:
    (photos := tmp_path / "photos").mkdir()
    first = draw_image(photos / "0.bmp", size=(4000, 3000))
    for number in range(1, 12):
        (photos / f"{number}.bmp").hardlink_to(first)
    for number in range(12):
        (photos / f"{number}.txt").write_text("a photo")
    command = [sys.executable, "-c", EXPORT, str(photos), str(tmp_path / "out")]
    home = os.environ | {"TOOLKIT_HOME": str(tmp_path / "home")}
    done = subprocess.run(command, cwd=ROOT, env=home, capture_output=True, text=True, timeout=100, check=True)
    assert int(done.stdout) < 5 * first.stat().st_size / 1024
