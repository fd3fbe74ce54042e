"""Values of 10 to 14 bits in a file of 16 are shown as bright as they were meant, in grey and in colour."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.images import load_image, load_square
from lib.images.cost import bytes_of


def png(path: Path, values: np.ndarray) -> Path:
    """A PNG of 16 bits a value: grey, RGB or RGBA by the last axis."""
    rows = values.astype(">u2").reshape(values.shape[0], -1)
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    kind = 0 if values.ndim == 2 else {3: 2, 4: 6}[values.shape[2]]

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 16, kind, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)
    return path


def ramp(bits: int, bands: int) -> np.ndarray:
    values = np.tile(np.linspace(0, (1 << bits) - 1, 256).round().astype("uint16"), (32, 1))
    return values if bands == 1 else np.stack([values] * bands, axis=2)


@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_a_ramp_is_the_same_ramp_however_many_bits_it_uses(tmp_path: Path, bits: int, bands: int) -> None:
    path = png(tmp_path / "a.png", ramp(bits, bands))
    shown = np.asarray(load_image(path))
    assert shown.shape == (32, 256, 3)
    assert np.abs(shown[0, :, 0].astype(int) - np.arange(256)).max() <= 1
    assert np.asarray(load_square(path, 64)).max() > 240


def test_a_transparent_part_of_such_a_picture_is_white_and_the_rest_is_stretched(tmp_path: Path) -> None:
    values = ramp(12, 4)
    values[:, :, 3] = 65_535
    values[:, :8, 3] = 0
    shown = np.asarray(load_image(png(tmp_path / "a.png", values)))
    assert shown[0, 0].tolist() == [255, 255, 255]
    assert abs(int(shown[0, 128, 0]) - 128) <= 1


def test_a_bright_picture_of_sixteen_bits_stays_as_it_was(tmp_path: Path) -> None:
    values = np.full((8, 8, 3), 32_768, "uint16")
    assert load_image(png(tmp_path / "a.png", values)).getpixel((0, 0)) == (128, 128, 128)


def test_what_is_turned_stays_turned(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = png(tmp_path / "a.png", ramp(12, 3))
    data = path.read_bytes()
    block = exif.tobytes()[6:]
    chunk = struct.pack(">I", len(block)) + b"eXIf" + block + struct.pack(">I", zlib.crc32(b"eXIf" + block))
    path.write_bytes(data[:33] + chunk + data[33:])
    assert load_image(path).size == (32, 256)


def test_the_second_reading_is_counted_in_what_it_takes(tmp_path: Path) -> None:
    with Image.open(png(tmp_path / "a.png", ramp(12, 3))) as deep:
        took = bytes_of(deep, None)
    Image.new("RGB", (256, 32)).save(tmp_path / "b.png")
    with Image.open(tmp_path / "b.png") as plain:
        assert took >= bytes_of(plain, None) + 4 * 4 * 256 * 32
