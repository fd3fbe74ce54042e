"""Opens images that strangers made: the known formats only, within a size, upright, and never more than a picture."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import Image, features

from lib.errors import ImageRefused

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif")
"""How the names of images end, in small letters."""

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", *(("AVIF",) if features.check("avif") else ()))
"""What is tried, by content. EPS, PDF, SVG and the like run programs or fetch things, and are never among them."""

MAX_PIXELS = 50_000_000
HINT = "The file was left as it is. Leave this image out, or replace it by a whole one."

_SMALL = 16_000_000
"""Bytes of a file that is read at once."""

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@contextmanager
def _opened(path: Path, at_once: int = 0) -> Iterator[Image.Image]:
    """The image, its header read, its pixels not. Whatever goes wrong until the block ends is an ImageRefused.

    A file of up to `at_once` bytes is read into memory first, which is quicker where all of it is needed anyway.
    """
    try:
        # O_NONBLOCK: opening a FIFO named like an image must not wait for somebody to write into it.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            info = os.fstat(handle)
            if not stat.S_ISREG(info.st_mode):
                raise ImageRefused(f"“{path.name}” is not a regular file.", HINT)
            if info.st_size == 0:
                raise ImageRefused(f"“{path.name}” is empty.", HINT)
            source = io.BytesIO(file.read()) if info.st_size <= at_once else file
            with Image.open(source, formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise _too_large(path)
                yield image
    except ImageRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as exc:
        raise _too_large(path) from exc
    except Image.UnidentifiedImageError as exc:
        raise ImageRefused(f"“{path.name}” is not an image of a known format.", HINT) from exc
    except FileNotFoundError as exc:
        raise ImageRefused(f"“{path.name}” is gone.", "Reload the folder to see what is there.") from exc
    except Exception as exc:
        raise ImageRefused(f"“{path.name}” cannot be opened: it is broken or cut short.", HINT) from exc


def _too_large(path: Path) -> ImageRefused:
    limit = MAX_PIXELS // 1_000_000
    return ImageRefused(f"“{path.name}” is larger than {limit} megapixels.", "Make it smaller with an image editor.")


def load_image(path: Path, max_side: int | None = None) -> Image.Image:
    """The picture as people see it: RGB, upright, its first frame, transparent parts on white, without any metadata.

    With `max_side` (pixels) it is shrunk so that neither side is longer. Raises ImageRefused.
    """
    # Twice the size leaves enough for a good reduction.
    return _loaded(path, None if max_side is None else 2 * max_side, lambda image: _shrunk(image, max_side))


def load_square(path: Path, side: int) -> Image.Image:
    """The picture as `load_image` gives it, squeezed into `side` by `side` pixels, as networks take it.

    Raises ImageRefused.
    """
    bilinear = Image.Resampling.BILINEAR
    return _loaded(path, side, lambda image: image.resize((side, side), bilinear, reducing_gap=2.0))


def _loaded(path: Path, enough: int | None, resized: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """A picture made smaller by `resized`; a JPEG's sides need not be decoded much larger than `enough` pixels."""
    with _opened(path) as image:
        if enough is not None and image.format == "JPEG":
            # Lets the decoder skip most of the work.
            image.draft("RGB", (enough, enough))
        image.load()
        turn = _TURNS.get(_orientation(image))
        # Shrunk before the colours are converted: a large picture then never exists twice.
        result = _rgb(resized(_resizable(image)))
        if turn is not None:
            result = result.transpose(turn)
        if result is image:
            result = image.copy()
        # Pillow would write a comment kept here into the next file.
        result.info = {}
        return result


def check_image(path: Path) -> None:
    """Raises ImageRefused unless the whole file decodes."""
    with _opened(path) as image:
        if image.format == "JPEG":
            # Every byte is still decoded at an eighth of the size, only the pixels are fewer.
            image.draft("RGB", (image.width // 8 or 1, image.height // 8 or 1))
        image.load()


def image_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels of the upright picture, from the header alone. Raises ImageRefused."""
    with _opened(path) as image:
        turned = _orientation(image) >= 5
        return (image.height, image.width) if turned else (image.width, image.height)


def image_format(path: Path) -> str:
    """How names of images of this file's format end, by its content: "jpg", "png" … Raises ImageRefused."""
    with _opened(path) as image:
        return {"JPEG": "jpg", "MPO": "jpg"}.get(image.format or "", str(image.format).lower())


def probe_image(path: Path) -> tuple[int, int]:
    """Width and height in pixels of the upright picture, if the file is whole, at a fraction of the cost of decoding.

    What ends as its format demands is taken as whole; all else is decoded to see. Raises ImageRefused.
    """
    with _opened(path) as image:
        whole, size = _probed(image)
    if not whole:
        check_image(path)
    return size


def load_whole(path: Path) -> tuple[bytes, tuple[int, int]]:
    """The bytes of a file that `probe_image` accepts, with width and height in pixels. Raises ImageRefused."""
    with _opened(path, _SMALL) as image:
        # Looking for EXIF may load a picture, which takes the file away from it.
        file = image.fp
        whole, size = _probed(image)
        file.seek(0)
        data = file.read()
    if not whole:
        check_image(path)
    return data, size


def _probed(image: Image.Image) -> tuple[bool, tuple[int, int]]:
    whole = _ends_well(image)
    # Asking costs as much as opening, and Pillow decodes a whole PNG to look for an EXIF block behind the pixels.
    asked = image.format not in ("JPEG", "PNG") or not image.info.keys().isdisjoint(("exif", "xmp"))
    turned = asked and _orientation(image) >= 5
    return whole, (image.height, image.width) if turned else (image.width, image.height)


_TAIL = 64


def _ends_well(image: Image.Image) -> bool:
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
    return False


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - broken EXIF is no reason to refuse a picture that decodes
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _resizable(image: Image.Image) -> Image.Image:
    """The picture in a mode whose values mean brightness from 0 to 255 and can be averaged."""
    if image.mode in ("P", "PA"):
        return image.convert("RGBA" if image.mode == "PA" or "transparency" in image.info else "RGB")
    if image.mode == "1":
        return image.convert("L")
    if image.mode.startswith("I") or image.mode == "F":
        return _eight_bits(image)
    if image.mode in ("L", "RGB") and "transparency" in image.info:
        return image.convert("RGBA")
    return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Deep grey values scaled to 8 bits: 16-bit ones by their range, others by what occurs in the picture."""
    grey = image if image.mode == "F" else image.convert("I").convert("F")
    low, high = (float(value) for value in grey.getextrema())
    if low >= 0 and high <= 1 and image.mode == "F":
        low, high = 0.0, 1.0
    elif low >= 0 and high <= 255 and not image.mode.startswith("I;16"):
        low, high = 0.0, 255.0
    elif low >= 0 and high <= 65_535:
        low, high = 0.0, 65_535.0
    span = high - low
    if not 0 < span < float("inf"):
        return Image.new("L", image.size, 128)
    scale = 255.0 / span
    return grey.point(lambda value: value * scale + -low * scale).convert("L")


def _shrunk(image: Image.Image, max_side: int | None) -> Image.Image:
    if max_side is None or max(image.size) <= max_side:
        return image
    ratio = max_side / max(image.size)
    size = max(1, round(image.width * ratio)), max(1, round(image.height * ratio))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    if image.mode not in ("RGBA", "LA", "La", "RGBa"):
        return image.convert("RGB")
    rgba = image if image.mode == "RGBA" else image.convert("RGBA")
    result = Image.new("RGB", rgba.size, (255, 255, 255))
    result.paste(rgba, mask=rgba.getchannel("A"))
    return result
