"""Pictures that take little memory and endless time: told before they are decoded, while others wait for theirs."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

from PIL import TiffImagePlugin

from lib.errors import ImageRefused
from lib.images.picture import AnyPicture

MOST_SCANS = 100
"""Parts that a JPEG may come in: cameras and programs write a dozen. libtiff draws the line at the same number.

Each part goes over the whole picture again, and takes a few bytes of the file where it changes nothing.
"""

MOST_PIECES = 100_000
"""Pieces that a file may be read in: three for a part of a PNG or a JPEG, two for 255 bytes of a GIF's comment.

Each takes Python some microseconds, and some hundred bytes where it is kept. A PNG of 96 MB as libpng writes it has
36,000.
"""

MOST_STRIPS = 50_000
"""Strips or tiles of a TIFF, each of which is kept as an object and read by itself."""

SECONDS = 10
"""What a process of its own may take of a processor for one picture; the largest photo takes three."""

MOST_RUNS = 2_000_000
"""Bytes of a BMP in runs that Pillow unpacks here: it does so in Python, a run after the other."""

_AT_ONCE = 1 << 17
"""What a processor has at hand: a photo is gone through in a hundredth of the time that it decodes in."""

_BIG = 43
_OFFSETS = (TiffImagePlugin.STRIPOFFSETS, TiffImagePlugin.TILEOFFSETS)
_BYTES = {1: 1, 3: 2, 16: 8}
"""Of a number in a TIFF that has not four, by its kind."""

_SCAN = b"\xff\xda"
_ANEW = "Save it anew, as a JPEG or PNG, with an image editor."


def scans(file: BinaryIO) -> int:
    """How many parts the JPEG in a file comes in, its previews counted too; not many more than are allowed."""
    place = file.tell()
    file.seek(0)
    found, end = 0, b""
    try:
        while found <= MOST_SCANS and (data := file.read(_AT_ONCE)):
            # Among the pixels the first of the two bytes is always followed by a zero.
            found += data.count(_SCAN) + (end + data[:1] == _SCAN)
            end = data[-1:]
    finally:
        file.seek(place)
    return found


def has_many_strips(file: BinaryIO, head: bytes) -> bool:
    """True for a TIFF of more strips or tiles than `MOST_STRIPS`: Pillow makes an object of each when it is opened."""
    if head[:4] not in TiffImagePlugin.PREFIXES:
        return False
    place = file.tell()
    try:
        first: Any = TiffImagePlugin.ImageFileDirectory_v2(head[: 16 if head[2] == _BIG else 8])
        file.seek(first.next)
        first.load(file)
        found = ((first.tagtype[tag], data) for tag in _OFFSETS if (data := first._tagdata.get(tag)))
        return any(len(data) > MOST_STRIPS * _BYTES.get(kind, 4) for kind, data in found)
    except (OSError, SyntaxError, ValueError, struct.error, OverflowError):
        # It is told where it is opened.
        return False
    finally:
        file.seek(place)


def has_many_runs(image: Any, size: int) -> bool:
    """True for a BMP in runs whose file is so large that it is not unpacked here."""
    return size > MOST_RUNS and any(tile.codec_name == "bmp_rle" for tile in image.tile)


def too_many_scans(path: AnyPicture) -> ImageRefused:
    return ImageRefused(f"“{path.name}” comes in more than {MOST_SCANS} parts, each as large as the picture.", _ANEW)


def too_many_pieces(path: AnyPicture) -> ImageRefused:
    return ImageRefused(f"“{path.name}” is made of more parts than any camera or program writes.", _ANEW)


def too_many_strips(path: AnyPicture) -> ImageRefused:
    return ImageRefused(f"“{path.name}” comes in more than {MOST_STRIPS:,} strips.", _ANEW)


def too_slow(path: AnyPicture) -> ImageRefused:
    return ImageRefused(f"“{path.name}” takes more than {SECONDS} seconds to decode.", _ANEW)
