"""A picture that would be decoded for minutes keeps nobody waiting: it is told by its file, or ended in time."""

from __future__ import annotations

import io
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from lib.errors import ImageRefused
from lib.images import apart, check_image, image_size, load_image, load_square, load_whole, slow
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
        with pytest.raises(ImageRefused, match=r"“a\.bmp” takes more than 10 seconds to decode.*image editor"):
            work(path)


def test_a_timer_ends_what_takes_no_time_of_the_processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.bmp"
    _in_runs(path, 2_000, 600)
    monkeypatch.setattr(apart, "_LONGEST_S", 0.0)
    with pytest.raises(ImageRefused, match="seconds to decode"):
        check_image(path)


def _of_parts(name: str, count: int) -> bytes:
    """A picture of 8 by 8 pixels with so many parts that say nothing, and are read one by one."""
    out = io.BytesIO()
    kind = name.rpartition(".")[2].replace("jpg", "jpeg")
    Image.new("P" if kind == "gif" else "RGB", (8, 8)).save(out, kind)
    data = out.getvalue()
    nothing = struct.pack(">I", 0) + b"noNE" + struct.pack(">I", zlib.crc32(b"noNE"))
    part, place = {
        "before.png": (nothing, 33),
        "behind.png": (nothing, len(data) - 12),
        "texts.png": (struct.pack(">I4s3sI", 3, b"tEXt", b"a\0b", zlib.crc32(b"tEXta\0b")), 33),
        "apps.jpg": (b"\xff\xe5\0\2", 2),
        "comments.jpg": (b"\xff\xfe\0\3a", 2),
        "fills.jpg": (b"\xff", 2),
        "comments.gif": (b"!\xfe\1a\0", data.find(b",")),
        "blocks.gif": (b"\1a", data.find(b",")),
        "apps.gif": (b"!\xff\1a\0", data.find(b",")),
        "garbage.gif": (b"\1", data.find(b",")),
    }[name]
    whole = b"!\xfe" + part * count + b"\0" if name == "blocks.gif" else part * count
    return data[:place] + whole + data[place:]


_PARTS = (
    "before.png", "behind.png", "texts.png", "apps.jpg", "comments.jpg", "fills.jpg", "comments.gif", "blocks.gif",
    "apps.gif", "garbage.gif",
)  # fmt: skip


@pytest.mark.parametrize("name", _PARTS)
@pytest.mark.parametrize("work", [image_size, check_image, load_image, load_whole])
def test_a_picture_of_endless_parts_is_refused_soon(tmp_path: Path, name: str, work: Callable[[Path], object]) -> None:
    path = tmp_path / name
    path.write_bytes(_of_parts(name, 150_000))
    start = time.thread_time()
    if name == "behind.png" and work in (image_size, load_whole):
        # What is asked stands before them.
        work(path)
    else:
        with pytest.raises(ImageRefused, match="is made of more parts than any camera or program writes"):
            work(path)
    assert time.thread_time() - start < 2


@pytest.mark.parametrize("name", _PARTS)
def test_a_picture_of_many_parts_is_opened(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(_of_parts(name, 10_000))
    assert load_image(path).size == load_whole(path)[1] == (8, 8)


@pytest.mark.parametrize("compression", [1, 5, 8, 32_773])
@pytest.mark.parametrize("big", [False, True])
def test_a_tiff_of_endless_strips_is_refused_before_each_is_kept(tmp_path: Path, compression: int, big: bool) -> None:
    def tiff(strips: int) -> Path:
        wide, long, entry = ("Q", 16, "<HHQQ") if big else ("I", 4, "<HHII")
        tags = {256: 1, 257: strips, 258: 8, 259: compression, 262: 1, 273: None, 277: 1, 278: 1, 279: None}
        head = struct.pack("<2sHHHQ", b"II", 43, 8, 0, 16) if big else struct.pack("<2sHI", b"II", 42, 8)
        start = len(head) + (8 if big else 2) + len(tags) * struct.calcsize(entry) + struct.calcsize(wide)
        end = start + 2 * strips * struct.calcsize(wide)
        places = struct.pack(f"<{strips}{wide}", *range(end, end + strips))
        lengths = struct.pack(f"<{strips}{wide}", *[1] * strips)
        body, at = b"", {273: start, 279: start + len(places)}
        for tag, value in tags.items():
            told = (long, strips, at[tag]) if value is None else (4, 1, value)
            body += struct.pack(entry, tag, *told)
        path = tmp_path / f"{strips}.tif"
        count = struct.pack("<Q" if big else "<H", len(tags))
        path.write_bytes(head + count + body + struct.pack(f"<{wide}", 0) + places + lengths + bytes(strips))
        return path

    for work in (image_size, check_image, load_image, load_whole):
        with pytest.raises(ImageRefused, match="comes in more than 50,000 strips"):
            work(tiff(50_001))
    if compression == 1:
        assert load_image(tiff(3_000)).size == (1, 3_000)
