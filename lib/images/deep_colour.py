"""Colours of 16 bits of which a camera used fewer: Pillow keeps their upper half, in which such a picture is black."""

from __future__ import annotations

from typing import Any, BinaryIO

from PIL import Image, ImageChops

_LOWER = {"RGB;16B": "RGB;16L", "RGBA;16B": "RGBA;16L", "RGB;16L": "RGB;16B", "RGBA;16L": "RGBA;16B"}
"""The way to read the other byte of each value: as if the bytes stood the other way round."""

_BITS = (8, 10, 12, 14)
_COLOURS = 3


def has_deep_colour(image: Any) -> bool:
    """True for a picture, not decoded yet, of which the lower bytes can be had."""
    return len(image.tile) == 1 and image.tile[0].codec_name in ("zip", "raw") and _rawmode(image) in _LOWER


def stretched(image: Image.Image, file: BinaryIO, lower: str) -> Image.Image:
    """A decoded picture, brightened where its colours use 14 bits or fewer; `lower` is from `lower_bytes`."""
    most = max(int(high) for _, high in [band.getextrema() for band in image.split()[:_COLOURS]])
    bits = next((bits for bits in _BITS if most < 1 << (bits - 8)), 16)
    if bits == 16:
        return image
    file.seek(0)
    with Image.open(file, formats=[str(image.format)]) as again:
        tile = again.tile[0]
        args = lower if isinstance(tile.args, str) else (lower, *tile.args[1:])
        again.tile = [tile._replace(args=args)]
        again.load()
        low = again.split()
    up, down = 16 - bits, bits - 8
    bands = list(image.split())
    for place in range(_COLOURS):
        high = bands[place].point(lambda value: min(255, value << up))
        bands[place] = ImageChops.add(high, low[place].point(lambda value: value >> down))
    result = Image.merge(image.mode, bands)
    result.info, result.format = image.info, image.format
    return result


def lower_bytes(image: Any) -> str:
    """How the lower bytes of a picture are read that is not decoded yet, "" where it has none."""
    return _LOWER[_rawmode(image)] if has_deep_colour(image) else ""


def _rawmode(image: Any) -> str:
    args = image.tile[0].args
    return str(args if isinstance(args, str) else args[0])
