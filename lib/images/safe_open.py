"""Opens images that strangers made: the known formats only, within a size, upright, and never more than a picture."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from PIL import Image, features

from lib.errors import ImageRefused
from lib.images import apart
from lib.images.apart import How
from lib.images.bands import finished, orientation, target_size
from lib.images.cost import (
    MAX_HEADER,
    bytes_of,
    comes_in_one_scan,
    drafted,
    file_size,
    full_size,
    handed_over,
    is_bounded,
    read_notes,
    refusal,
    to_open,
    what_helps,
)
from lib.images.deep_colour import lower_bytes, stretched
from lib.images.gate import decoding, limit, opening
from lib.images.kinds import ADDED_FORMATS
from lib.images.metered import HeaderTooLargeError, Metered, TooManyPiecesError, source_of
from lib.images.other_headers import HEADERS, know_headers
from lib.images.picture import AnyPicture, Picture
from lib.images.slow import MOST_PIECES, MOST_SCANS, scans, too_many_pieces, too_many_scans, too_slow
from lib.images.whole_file import ends_well
from lib.settings import settings

_PILLOWS = "JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", *(["AVIF"] if features.check("avif") else ())
# HEIC before AVIF: the first bytes of both may be the same, and only our own reading of the header tells them apart.
FORMATS = *(HEADERS[format] for format in ADDED_FORMATS), *_PILLOWS
"""What is tried, by content. EPS, PDF, SVG and the like run programs or fetch things, and are never among them."""

know_headers()

HINT = "The file was left as it is. Leave this image out, or replace it by a whole one."

_PIXELS_A_MB = 200_000
_SMALL = 16_000_000
"""Bytes of a file that is read at once."""


def max_pixels() -> int:
    """How many pixels an image may have, however little memory they take: they take time too."""
    return _PIXELS_A_MB * settings().picture_mb


@contextmanager
def _read_from(path: AnyPicture) -> Iterator[tuple[Metered, int]]:
    """The file, and how many bytes it has."""
    # O_NONBLOCK: opening a FIFO named like an image must not wait for somebody to write into it.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = path.open(flags) if isinstance(path, Picture) else os.open(path, flags)
    with Metered(io.FileIO(handle)) as file:
        info = os.fstat(handle)
        if isinstance(path, Picture):
            path.check(handle)
        if not stat.S_ISREG(info.st_mode):
            raise ImageRefused(f"“{path.name}” is not a regular file.", HINT)
        if info.st_size == 0:
            raise ImageRefused(f"“{path.name}” is empty.", HINT)
        yield file, info.st_size


@contextmanager
def _opened(path: AnyPicture, at_once: int = 0) -> Iterator[Image.Image]:
    """The image, its header read, its pixels not. Whatever goes wrong until the block ends is an ImageRefused.

    A file of up to `at_once` bytes is read into memory first, which is quicker where all of it is needed anyway.
    """
    try:
        with _read_from(path) as (file, size):
            place = to_open(path, file, size)
            with opening.admitted(place) if place else nullcontext():
                file.left, file.pieces = None if place or at_once else MAX_HEADER, MOST_PIECES
                source = source_of(file, size, at_once)
                with Image.open(source, formats=FORMATS) as image:
                    if image.width * image.height > max_pixels():
                        raise _too_large(path, image)
                    yield image
    except ImageRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as exc:
        raise _too_large(path) from exc
    except Image.UnidentifiedImageError as exc:
        raise ImageRefused(f"“{path.name}” is not an image of a known format.", HINT) from exc
    except FileNotFoundError as exc:
        raise ImageRefused(f"“{path.name}” is gone.", "Reload the folder to see what is there.") from exc
    except TooManyPiecesError as exc:
        raise too_many_pieces(path) from exc
    except HeaderTooLargeError as exc:
        words = f"“{path.name}” has more than {MAX_HEADER // 1_000_000} MB of notes before its picture."
        raise ImageRefused(words, "Save it anew, without metadata, with an image editor.") from exc
    except Exception as exc:
        raise ImageRefused(f"“{path.name}” cannot be opened: it is broken or cut short.", HINT) from exc


def _too_large(path: AnyPicture, image: Image.Image | None = None) -> ImageRefused:
    most = max_pixels() // 1_000_000
    about = "" if image is None else f" has {image.width:,} × {image.height:,} pixels. It"
    needed = 0 if image is None else 1_000_000 * image.width * image.height // _PIXELS_A_MB
    words = f"“{path.name}”{about} is larger than {most} megapixels, which is the limit."
    return ImageRefused(words, what_helps(needed))


def load_image(path: AnyPicture, max_side: int | None = None) -> Image.Image:
    """The picture as people see it: RGB, upright, its first frame, transparent parts on white, without any metadata.

    With `max_side` (pixels) it is shrunk so that neither side is longer. Raises ImageRefused.
    """
    return _loaded(path, max_side, "shown")


def load_square(path: AnyPicture, side: int) -> Image.Image:
    """The picture as `load_image` gives it, squeezed into `side` by `side` pixels, as networks take it.

    Raises ImageRefused.
    """
    return _loaded(path, side, "square")


def _loaded(path: AnyPicture, side: int | None, how: How) -> Image.Image:
    with _opened(path) as image:
        is_square = how == "square"
        if side is not None:
            # A JPEG's sides need not be decoded much larger; twice the size leaves enough for a good reduction.
            drafted(image, side if is_square else 2 * side, side)
        target = target_size(image.size, side, is_square=is_square)
        with _room(path, image, bytes_of(image, target)) as size:
            if not is_bounded(image):
                return _decoded_apart(path, image, size - handed_over(image, target), side, how)
            file, lower = image.fp, lower_bytes(image)
            image.load()
            if lower:
                image = stretched(image, file, lower)
            if side is None and image.format == "PNG" and orientation(image) > 1 and 2 * size > limit():
                # Turned by EXIF that stands behind the pixels.
                raise refusal(path, full_size(image), 2 * size)
            return finished(image, side, is_square=is_square)


def check_image(path: AnyPicture) -> None:
    """Raises ImageRefused unless the whole file decodes."""
    with _opened(path) as image:
        # Every byte of a JPEG is still decoded at an eighth of the size, only the pixels are fewer.
        drafted(image, min(image.size) // 8 or 1)
        with _room(path, image, bytes_of(image, None, is_shown=False)) as size:
            if is_bounded(image):
                image.load()
            else:
                _decoded_apart(path, image, size, None, "checked")


@contextmanager
def _room(path: AnyPicture, image: Image.Image, size: int) -> Iterator[int]:
    """Waits until there is memory for decoding an image."""
    if size > limit():
        raise refusal(path, full_size(image), size)
    if isinstance(image.fp, Metered):
        if image.format == "TIFF":
            # What it notes of itself is read while that is metered.
            read_notes(image)
        image.fp.left = None
        if image.format == "BMP":
            # Unpacked in Python, a byte after the other: `has_many_runs` bounds that.
            image.fp.pieces = None
    if image.format in ("JPEG", "MPO") and not comes_in_one_scan(image) and scans(image.fp) > MOST_SCANS:
        raise too_many_scans(path)
    with decoding.admitted(size):
        yield size


def _decoded_apart(path: AnyPicture, image: Image.Image, size: int, side: int | None, how: How) -> Any:
    try:
        # What was known by its header alone is decoded by its own package.
        formats = (str(image.format),) if image.format in ADDED_FORMATS else _PILLOWS
        return apart.decoded(image.fp, formats, size, side, how)
    except apart.TooLarge as exc:
        raise refusal(path, full_size(image), size, is_more=True) from exc
    except apart.TooSlow as exc:
        raise too_slow(path) from exc


def image_size(path: AnyPicture) -> tuple[int, int]:
    """Width and height in pixels of the upright picture, from the header alone. Raises ImageRefused."""
    with _opened(path) as image:
        return _upright_size(path, image)


def _upright_size(path: AnyPicture, image: Image.Image) -> tuple[int, int]:
    if image.format == "PNG" and "exif" not in image.info:
        # Pillow decodes a whole PNG to look for an EXIF block behind the pixels.
        with _room(path, image, bytes_of(image, None, is_shown=False)):
            turned = orientation(image) >= 5
    else:
        turned = orientation(image) >= 5
    return (image.height, image.width) if turned else (image.width, image.height)


def header(path: AnyPicture, asked: Callable[[Image.Image], Any]) -> Any:
    """What `asked` finds in an image's header. Raises ImageRefused."""
    with _opened(path) as image:
        return asked(image)


def image_format(path: AnyPicture) -> str:
    """How names of images of this file's format end, by its content: "jpg", "png" … Raises ImageRefused."""
    with _opened(path) as image:
        return {"JPEG": "jpg", "MPO": "jpg", "HEIF": "heic"}.get(image.format or "", str(image.format).lower())


def probe_image(path: AnyPicture) -> tuple[int, int]:
    """Width and height in pixels of the upright picture, if the file is whole, at a fraction of the cost of decoding.

    What ends as its format demands is taken as whole; all else is decoded to see. Raises ImageRefused.
    """
    with _opened(path) as image:
        whole, size = _probed(path, image)
    if not whole:
        check_image(path)
    return size


def load_whole(path: AnyPicture) -> tuple[bytes, tuple[int, int]]:
    """The bytes of a file that `probe_image` accepts, with width and height in pixels. Raises ImageRefused."""
    data = b""
    with _opened(path, _SMALL) as image:
        # Looking for EXIF may load a picture, which takes the file away from it.
        file, length = image.fp, file_size(image)
        if length > limit():
            raise _too_long(path, length)
        whole, size = _probed(path, image)
        if whole or length <= _SMALL:
            file.seek(0)
            data = file.read()
    if not whole:
        check_image(path)
    # A large file and its picture are never held at the same time.
    return (data, size) if data else _all_of(path)


def _all_of(path: AnyPicture) -> tuple[bytes, tuple[int, int]]:
    with _opened(path) as image:
        file = image.fp
        _, size = _probed(path, image)
        file.left = None
        file.seek(0)
        return file.read(), size


def _too_long(path: AnyPicture, length: int) -> ImageRefused:
    words = f"“{path.name}” has {length // 1_000_000:,} MB, and is read whole. {limit() // 1_000_000:,} MB are allowed."
    return ImageRefused(words, what_helps(length))


def _probed(path: AnyPicture, image: Image.Image) -> tuple[bool, tuple[int, int]]:
    whole = ends_well(image)
    # Asking costs as much as opening.
    asked = image.format not in ("JPEG", "PNG") or not image.info.keys().isdisjoint(("exif", "xmp"))
    return whole, _upright_size(path, image) if asked else image.size
