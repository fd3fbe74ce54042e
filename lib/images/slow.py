"""Pictures that take little memory and endless time: told before they are decoded, while others wait for theirs."""

from __future__ import annotations

from typing import Any, BinaryIO

from lib.errors import ImageRefused
from lib.images.picture import AnyPicture

MOST_SCANS = 100
"""Parts that a JPEG may come in: cameras and programs write a dozen. libtiff draws the line at the same number.

Each part goes over the whole picture again, and takes a few bytes of the file where it changes nothing.
"""

SECONDS = 20
"""What a process of its own may take for one picture."""

MOST_RUNS = 2_000_000
"""Bytes of a BMP in runs that Pillow unpacks here: it does so in Python, a run after the other."""

_AT_ONCE = 1 << 17
"""What a processor has at hand: a photo is gone through in a hundredth of the time that it decodes in."""

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


def has_many_runs(image: Any, size: int) -> bool:
    """True for a BMP in runs whose file is so large that it is not unpacked here."""
    return size > MOST_RUNS and any(tile.codec_name == "bmp_rle" for tile in image.tile)


def too_many_scans(path: AnyPicture) -> ImageRefused:
    return ImageRefused(f"“{path.name}” comes in more than {MOST_SCANS} parts, each as large as the picture.", _ANEW)


def too_slow(path: AnyPicture) -> ImageRefused:
    return ImageRefused(f"“{path.name}” takes more than {SECONDS} seconds to decode.", _ANEW)
