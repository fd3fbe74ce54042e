"""Pictures written anew, as JPEG or WebP: within the memory that one picture may take, whatever it shows."""

from __future__ import annotations

import io
from typing import Any, Literal, NamedTuple

from PIL import Image, JpegImagePlugin

from lib.errors import ImageRefused
from lib.images.bands import orientation, target_size
from lib.images.gate import decoding, limit
from lib.images.picture import AnyPicture
from lib.images.safe_open import header, image_size, load_image

_QUALITY = 92

_PICTURE, _DECODED = 4, 20
"""Bytes a pixel: the picture as Pillow holds it, and what decoding one takes at most."""
_JPEG, _WEBP, _WEBP_BEST = 1.2, 9.5, 29
"""Bytes a pixel that encoding takes beside the picture, measured with noise, of which no encoder makes little. libwebp
keeps all its coefficients to choose among them, from method 3 on; the files of method 2 are a hundredth larger."""


class Encoded(NamedTuple):
    """A file made of a picture, with its width and height."""

    data: bytes
    width: int
    height: int


def encoded(path: AnyPicture, encoding: Literal["jpeg", "webp"], max_side: int | None = None) -> Encoded:
    """The picture as people see it, written anew; with `max_side` (pixels) neither side is longer.

    Raises ImageRefused, also where writing it would take more memory than a picture may.
    """
    full = image_size(path)
    width, height = target_size(full, max_side) or full
    pixels = width * height
    best = encoding == "webp" and pixels * (_PICTURE + _WEBP_BEST) <= limit()
    each = _PICTURE + (_JPEG if encoding == "jpeg" else _WEBP_BEST if best else _WEBP)
    need = int(pixels * each)
    if need > limit():
        called = "JPEG" if encoding == "jpeg" else "WebP"
        raise ImageRefused(
            f"“{path.name}” has {width:,} × {height:,} pixels: to write it as {called}"
            f" would take {need // 1_000_000:,} MB, and {limit() // 1_000_000:,} are allowed.",
            "Export it as it is, as JPEG, or with a longest side.",
        )
    choices: dict[str, Any] = {"quality": _QUALITY}
    if encoding == "webp":
        choices["method"] = 4 if best else 2
    with decoding.admitted(max(need, _DECODED * full[0] * full[1])):
        return _saved(load_image(path, max_side), encoding.upper(), choices)


def is_turned(path: AnyPicture) -> bool:
    """Whether a reader has to turn the picture to see it as people do, as EXIF says. Raises ImageRefused."""
    return bool(header(path, _turned))


def _turned(image: Image.Image) -> bool:
    # Of a PNG, what stands before the pixels: Pillow would decode all of it to look behind them.
    return (image.format != "PNG" or "exif" in image.info) and orientation(image) > 1


_SIGNS = (b"Exif\0\0", b"eXIf", b"EXIF", b"tiff:Orientation", b"II*\0", b"MM\0*")


def may_be_turned(data: bytes) -> bool:
    """Whether there is something in a file by which it might be turned; to look takes a hundredth of asking."""
    head = data
    if data.startswith(b"\xff\xd8"):
        # The segments of a JPEG before its picture, each with its length.
        place = 2
        while data[place : place + 1] == b"\xff" and data[place + 1 : place + 2] not in (b"\xda", b""):
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        head = data[:place]
    return any(sign in head for sign in _SIGNS)


def upright(path: AnyPicture) -> Encoded:
    """A picture that EXIF turns, as people see it: in its own format, a JPEG with its own tables. Raises ImageRefused.

    Its colour profile stays. What else it notes does not.
    """
    format, mode, choices = header(path, _like)
    with decoding.admitted(limit()):
        image = load_image(path)
        return _saved(image.convert("L") if mode == "L" else image, format, choices)


def _like(image: Image.Image) -> tuple[str, str, dict[str, Any]]:
    """What makes a file like that of an image: its format, its mode, and how it is saved."""
    choices: dict[str, Any] = {"icc_profile": image.info.get("icc_profile")}
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        # Few of the values change that were rounded by these tables before. CMYK becomes RGB, and has other tables.
        kept = len(image.layer) in (1, 3)
        tables = {"qtables": image.quantization, "subsampling": JpegImagePlugin.get_sampling(image)}
        return "JPEG", image.mode, choices | (tables if kept else {"quality": _QUALITY})
    if image.format in ("WEBP", "AVIF"):
        choices["quality"] = _QUALITY
    return image.format or "PNG", image.mode, choices


class _Pieces(io.RawIOBase):
    """A file in memory that never moves: growing in one piece, it would exist twice."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self.pieces.append(bytes(data))
        return len(data)


def _saved(image: Image.Image, format: str, choices: dict[str, Any]) -> Encoded:
    width, height = image.size
    file: Any = _Pieces() if format == "JPEG" else io.BytesIO()
    image.save(file, format, **{name: value for name, value in choices.items() if value is not None})
    # Before its pieces are joined.
    image.close()
    return Encoded(b"".join(file.pieces) if format == "JPEG" else file.getvalue(), width, height)
