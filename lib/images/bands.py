"""A decoded picture as people see it (RGB, on white), made band by band: a large one never exists twice."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from PIL import Image

ORIENTATION = 0x0112

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

BAND_PIXELS = 1_000_000
"""Pixels that are converted at a time."""

FEWEST_ROWS = 16

PLAIN_PIXELS = 25_000_000
"""Up to here a picture that needs no conversion is shrunk in one piece, which is quicker."""

_SUPPORT = 3
"""Pixels round a point of the target, in pixels of the target, that the widest filter looks at."""

_Convert = Callable[[Image.Image], Image.Image]


def orientation(image: Image.Image) -> int:
    """How the picture is turned, from 1 (upright) to 8, as EXIF counts."""
    try:
        value = image.getexif().get(ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - broken EXIF is no reason to refuse a picture that decodes
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def target_size(size: tuple[int, int], max_side: int | None, *, is_square: bool = False) -> tuple[int, int] | None:
    """What a picture is shrunk to so that neither side is longer; None where it stays as it is."""
    if max_side is None:
        return None
    if is_square:
        return max_side, max_side
    if max(size) <= max_side:
        return None
    ratio = max_side / max(size)
    return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))


def finished(image: Image.Image, max_side: int | None, *, is_square: bool = False) -> Image.Image:
    """A decoded picture as people see it, or squeezed into a square as networks take it; nothing else is in it."""
    turn = _TURNS.get(orientation(image))
    if is_square:
        resample, gap = Image.Resampling.BILINEAR, 2.0
    else:
        resample, gap = Image.Resampling.LANCZOS, 3.0
    # Shrunk before it is turned, and converted in bands: a large picture then never exists twice.
    result = _as_seen(image, target_size(image.size, max_side, is_square=is_square), resample, gap)
    if turn is not None:
        result = result.transpose(turn)
    if result is image:
        # The same pixels, without the file that they came from.
        result = image._new(image.im)
    # Pillow would write a comment kept here into the next file.
    result.info = {}
    return result


def is_plain(image: Image.Image) -> bool:
    """True for a picture that needs no conversion."""
    return image.mode == "RGB" and "transparency" not in image.info


def _as_seen(image: Image.Image, size: tuple[int, int] | None, resample: Image.Resampling, gap: float) -> Image.Image:
    """The picture in RGB, its transparent parts on white, in `size` if given."""
    if is_plain(image) and (size is None or image.width * image.height <= PLAIN_PIXELS):
        return image if size is None else image.resize(size, resample, reducing_gap=gap)
    convert = _converter(image)
    if image.width * image.height <= 2 * BAND_PIXELS:
        whole = convert(image)
        return whole if size is None else whole.resize(size, resample, reducing_gap=gap)
    size = size or image.size
    scale = image.width / size[0], image.height / size[1]
    factor = max(1, int(scale[0] / gap)), max(1, int(scale[1] / gap))
    if factor != (1, 1):
        box = (0, 0, image.width / factor[0], image.height / factor[1])
        return _reduced(image, convert, factor).resize(size, resample, box)
    result = Image.new("RGB", size)
    for top, bottom in _rows(image.width, size[1], scale[1]):
        result.paste(_band(image, convert, (top, bottom), size, resample), (0, top))
    return result


def _rows(width: int, height: int, scale: float = 1) -> Iterator[tuple[int, int]]:
    """Rows of the target, as many at a time as a band of the source gives."""
    step = max(1, int(max(FEWEST_ROWS, BAND_PIXELS // width) / scale))
    for top in range(0, height, step):
        yield top, min(height, top + step)


def _reduced(image: Image.Image, convert: _Convert, factor: tuple[int, int]) -> Image.Image:
    """The picture whose pixels are the means of blocks of `factor`: what is left for a good filter is little."""
    size = -(-image.width // factor[0]), -(-image.height // factor[1])
    result = Image.new("RGB", size)
    for top, bottom in _rows(image.width, size[1], factor[1]):
        piece = image.crop((0, top * factor[1], image.width, min(image.height, bottom * factor[1])))
        result.paste(convert(piece).reduce(factor), (0, top))
    return result


def _band(
    image: Image.Image, convert: _Convert, rows: tuple[int, int], size: tuple[int, int], resample: Image.Resampling
) -> Image.Image:
    """Rows of the target. Their source is cut out with what the filter sees above and below, so there is no seam."""
    if size == image.size:
        return convert(image.crop((0, rows[0], image.width, rows[1])))
    scale = image.height / size[1]
    first, last = rows[0] * scale, rows[1] * scale
    margin = (_SUPPORT + 1) * max(1.0, scale)
    top, bottom = max(0, math.floor(first - margin)), min(image.height, math.ceil(last + margin))
    piece = convert(image.crop((0, top, image.width, bottom)))
    box = (0, first - top, image.width, min(last - top, piece.height))
    return piece.resize((size[0], rows[1] - rows[0]), resample, box)


def _converter(image: Image.Image) -> _Convert:
    if image.mode.startswith("I") or image.mode == "F":
        return _deep_grey(image)
    if image.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info:
        return _on_white
    return lambda part: part.convert("RGB")


def _on_white(part: Image.Image) -> Image.Image:
    rgba = part if part.mode == "RGBA" else part.convert("RGBA")
    result = Image.new("RGB", rgba.size, (255, 255, 255))
    result.paste(rgba, mask=rgba.getchannel("A"))
    return result


_DEPTHS = (255.0, 1_023.0, 4_095.0, 16_383.0, 65_535.0)
"""The largest values of 8, 10, 12, 14 and 16 bits: cameras and scanners keep fewer in files of 16."""


def _deep_grey(image: Image.Image) -> _Convert:
    """Scales deep grey values to 8 bits by what occurs in the whole picture: its depth, or else its extremes."""
    low, high = _extremes(image)
    if low >= 0 and high <= 1 and image.mode == "F":
        low, high = 0.0, 1.0
    elif low >= 0 and high <= _DEPTHS[-1]:
        low, high = 0.0, next(most for most in _DEPTHS if high <= most)
    span = high - low
    if not 0 < span < float("inf"):
        return lambda part: Image.new("RGB", part.size, (128, 128, 128))
    scale = 255.0 / span
    return lambda part: _floats(part).point(lambda value: value * scale + -low * scale).convert("L").convert("RGB")


def _extremes(image: Image.Image) -> tuple[float, float]:
    found = []
    for top, bottom in _rows(image.width, image.height):
        low, high = _floats(image.crop((0, top, image.width, bottom))).getextrema()
        found += [float(str(low)), float(str(high))]
    return min(found), max(found)


def _floats(part: Image.Image) -> Image.Image:
    return part if part.mode == "F" else part.convert("I").convert("F")
