"""Writing a picture anew takes no more memory than a picture may, even of noise, of which no encoder makes little."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from lib.errors import ImageRefused
from lib.images import encoded
from lib.settings import settings
from tests.doubles.repository import ROOT

_PEAK = """
import re, sys
from pathlib import Path
from lib.images import encoded

def memory(kind):
    return int(re.search(rf"{kind}:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1000

before = memory("VmRSS")
made = encoded(Path(sys.argv[1]), sys.argv[2])
print(memory("VmHWM") - before, made.width)
"""


def noise(path: Path, megapixels: float) -> Path:
    side = int((megapixels * 1e6) ** 0.5)
    Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)).save(path, quality=90)
    return path


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads its peak of memory from /proc")
@pytest.mark.parametrize(("encoding", "megapixels"), [("webp", 7.4), ("webp", 18), ("jpeg", 47)])
def test_the_largest_that_is_taken_stays_below_what_is_given(tmp_path: Path, encoding: str, megapixels: float) -> None:
    path = noise(tmp_path / "noise.jpg", megapixels)
    home = os.environ | {"TOOLKIT_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-c", _PEAK, str(path), encoding]
    done = subprocess.run(command, cwd=ROOT, env=home, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[0]) < settings().picture_mb + 20


def test_a_larger_one_is_refused_with_what_helps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.images.encode.limit", lambda: 1_000_000)
    path = noise(tmp_path / "noise.png", 0.16)
    with pytest.raises(
        ImageRefused, match="400 × 400 pixels: to write it as WebP would take 2 MB, and 1 are"
    ) as caught:
        encoded(path, "webp")
    assert "longest side" in caught.value.hint
    assert encoded(path, "jpeg").width == encoded(path, "webp", 400 // 2).width * 2 == 400


@pytest.mark.parametrize(("encoding", "format"), [("webp", "WEBP"), ("jpeg", "JPEG")])
def test_what_comes_out_is_the_picture(tmp_path: Path, encoding: str, format: str) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (60, 40), (200, 30, 30)).save(path)
    made = encoded(path, "webp" if encoding == "webp" else "jpeg", 30)
    with Image.open(io.BytesIO(made.data)) as image:
        assert (image.format, image.size) == (format, (made.width, made.height)) == (format, (30, 20))
        red, green, _ = image.convert("RGB").getpixel((15, 10))  # type: ignore[misc]
    assert red > 180
    assert green < 60
