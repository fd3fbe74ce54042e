"""A picture that would be decoded for minutes keeps nobody waiting: it is told by its file, or ended in time."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from lib.errors import ImageRefused
from lib.images import apart, check_image, load_image, load_square, slow
from lib.images.slow import MOST_RUNS, MOST_SCANS, scans

_SCAN, _END = b"\xff\xda", b"\xff\xd9"


def _in_scans(path: Path, extra: int, side: int = 200) -> None:
    """A progressive JPEG whose last scan, which changes nothing, comes `extra` times more."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((side, side)).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    end = data.rindex(_END)
    path.write_bytes(data[:end] + data[data.rindex(_SCAN) : end] * extra + _END)


def _in_runs(path: Path, width: int, height: int) -> None:
    """A BMP of runs of one pixel each, whose rows grow brighter towards the top."""
    rows = b"".join((bytes((1, row * 255 // height)) * width + b"\0\0") for row in range(height)) + b"\0\1"
    palette = b"".join(bytes((value, value, value, 0)) for value in range(256))
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(rows), 2_835, 2_835, 256, 0)
    start = 14 + len(head) + len(palette)
    path.write_bytes(b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start) + head + palette + rows)


@pytest.mark.parametrize("work", [check_image, load_image, lambda path: load_square(path, 100)])
def test_a_jpeg_of_endless_scans_is_refused_before_it_is_decoded(
    tmp_path: Path, work: Callable[[Path], object]
) -> None:
    path = tmp_path / "a.jpg"
    _in_scans(path, MOST_SCANS)
    with pytest.raises(ImageRefused, match=r"“a\.jpg” comes in more than 100 parts.*image editor"):
        work(path)


def test_a_jpeg_of_many_scans_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    _in_scans(path, 60)
    check_image(path)
    assert load_image(path).size == (200, 200)


def test_a_scan_whose_mark_lies_across_two_reads_is_counted() -> None:
    for place in range(slow._AT_ONCE - 3, slow._AT_ONCE + 3):
        file = io.BytesIO(bytes(place) + _SCAN + bytes(9))
        file.seek(5)
        assert scans(file) == 1
        assert file.tell() == 5


def test_a_bmp_of_many_runs_is_the_picture_that_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.bmp"
    _in_runs(path, 2_000, 600)
    assert path.stat().st_size > MOST_RUNS
    check_image(path)
    image = load_image(path)
    assert image.size == (2_000, 600)
    assert [image.getpixel((7, y))[0] for y in (0, 300, 599)] == [254, 127, 0]


def test_what_is_decoded_for_too_long_is_ended_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.bmp"
    _in_runs(path, 4_000, 3_000)
    monkeypatch.setattr(apart, "SECONDS", 1)
    for work in (check_image, load_image):
        with pytest.raises(ImageRefused, match=r"“a\.bmp” takes more than 20 seconds to decode.*image editor"):
            work(path)


def test_a_timer_ends_what_takes_no_time_of_the_processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.bmp"
    _in_runs(path, 2_000, 600)
    monkeypatch.setattr(apart, "_LONGEST_S", 0.0)
    with pytest.raises(ImageRefused, match="seconds to decode"):
        check_image(path)
