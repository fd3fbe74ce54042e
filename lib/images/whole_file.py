"""Whether a file ends as its format demands, which is told at a fraction of the cost of decoding it."""

from __future__ import annotations

import os
from typing import BinaryIO

from PIL import Image

from lib.images.other_headers import ends_well as boxes_end_well

_TAIL = 64


def ends_well(image: Image.Image) -> bool:
    """True where the file holds the end that its format asks for; false says nothing."""
    file: BinaryIO = image.fp
    place = file.tell()
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - _TAIL))
    tail = file.read(_TAIL)
    file.seek(place)
    match image.format:
        case "JPEG":
            return b"\xff\xd9" in tail
        case "PNG":
            return b"IEND\xaeB`\x82" in tail
        case "GIF":
            return tail.rstrip(b"\0").endswith(b";")
        case "WEBP":
            file.seek(4)
            stated = int.from_bytes(file.read(4), "little")
            file.seek(place)
            return end >= stated + 8
        case "HEIF":
            whole = boxes_end_well(file)
            file.seek(place)
            return whole
    return False
