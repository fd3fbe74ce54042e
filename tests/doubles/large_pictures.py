"""Small files that hold large pictures, as strangers make them; each is made on the spot in a fraction of a second."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

from PIL import Image


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(path: Path, side: int, depth: int, colour: int, extra: bytes = b"") -> None:
    """A black PNG of a depth and a colour type of its format."""
    row = bytes(1 + (side * depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour] + 7) // 8)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, depth, colour, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + extra + _chunk(b"IDAT", data) + _chunk(b"IEND", b""))


def lying_avif(path: Path, side: int) -> None:
    """An AVIF that says 64 by 64 pixels, and holds a frame of `side` by `side`."""
    Image.new("RGB", (side, side)).save(path, speed=10)
    data = path.read_bytes()
    place = data.index(b"ispe") + 8
    path.write_bytes(data[:place] + struct.pack(">II", 64, 64) + data[place + 8 :])


def _saved(mode: str, **options: object) -> Callable[[Path, int], None]:
    return lambda path, side: Image.new(mode, (side, side)).save(path, **options)


LARGE: dict[str, Callable[[Path, int], None]] = {
    "deep.png": lambda path, side: png(path, side, 16, 0),
    "grey-alpha.png": lambda path, side: png(path, side, 8, 4),
    "deep-alpha.png": lambda path, side: png(path, side, 16, 6),
    "palette.png": lambda path, side: png(path, side, 8, 3, _chunk(b"PLTE", bytes(768)) + _chunk(b"tRNS", bytes(256))),
    "keyed.png": lambda path, side: png(path, side, 8, 2, _chunk(b"tRNS", bytes(6))),
    "plain.png": lambda path, side: png(path, side, 8, 2),
    "lossless.webp": _saved("RGB", lossless=True, method=0),
    "lossy.webp": _saved("RGB", quality=1, method=0),
    "flat.avif": _saved("RGB", speed=10),
    "lying.avif": lying_avif,
    "still.gif": _saved("P"),
    "cleared.gif": _saved("P", transparency=0, disposal=2),
    "float.tif": _saved("F", compression="tiff_deflate"),
    "deep.tif": _saved("I;16", compression="tiff_deflate"),
    "one-strip.tif": _saved("RGBA", compression="tiff_lzw", tiffinfo={278: 65_535}),
    "in-jpeg.tif": _saved("RGB", compression="jpeg"),
    "turned.tif": _saved("RGB", compression="tiff_deflate", tiffinfo={274: 6}),
    "progressive.jpg": _saved("RGB", progressive=True, subsampling=0),
    "print.jpg": _saved("CMYK", progressive=True),
    "runs.bmp": lambda path, side: _runs(path, side),
}
"""How a square of a side is made, by the name of its file."""


def _runs(path: Path, side: int) -> None:
    """A black BMP in runs of 255 pixels."""
    row = b"\xff\0" * (side // 255) + bytes([side % 255, 0, 0, 0])
    data = row * side + b"\0\1"
    head = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(data), 2_835, 2_835, 256, 0)
    start = 14 + len(head) + 1_024
    path.write_bytes(b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + head + bytes(1_024) + data)
