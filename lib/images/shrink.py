"""Images made ready to be shown or sent: JPEG, small enough, with nothing in them but the picture."""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image

from lib.domain import PreparedImage
from lib.errors import ImageRefused
from lib.images.picture import AnyPicture
from lib.images.safe_open import image_size, load_image

QUALITIES = (90, 80, 70, 55)
SMALLEST_SIDE = 32


def jpeg_bytes(image: Image.Image, quality: int) -> bytes:
    """A JPEG file without EXIF, GPS, ICC profile or comment."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=False)
    return out.getvalue()


def display_jpeg(path: AnyPicture, max_side: int = 1_600) -> tuple[bytes, int, int]:
    """A JPEG for the screen, with the width and height of the file itself, upright. Raises ImageRefused.

    The last few are remembered: a page is drawn again at every click, and a photo of 24 megapixels takes 0.3 s.
    """
    try:
        info = path.stat()
    except (OSError, ValueError):
        return _display_jpeg(path, max_side, (0, 0))
    return _display_jpeg(path, max_side, (info.st_size, info.st_mtime_ns))


@lru_cache(maxsize=32)
def _display_jpeg(path: AnyPicture, max_side: int, stamp: tuple[int, int]) -> tuple[bytes, int, int]:
    width, height = image_size(path)
    return jpeg_bytes(load_image(path, max_side), 88), width, height


def base64_length(data: bytes) -> int:
    """The length of the base64 text of some bytes, without making it."""
    return 4 * ((len(data) + 2) // 3)


def jpeg_within(path: AnyPicture, max_side: int, max_base64: int = 0) -> PreparedImage:
    """The picture as a model accepts it: neither side over `max_side`, its base64 text shorter than `max_base64`.

    Quality goes down first, then the size. 0 for `max_base64` means no limit. Raises ImageRefused, also where no
    size is small enough.
    """
    image = load_image(path, max_side)
    while True:
        for quality in QUALITIES:
            data = jpeg_bytes(image, quality)
            if not max_base64 or base64_length(data) < max_base64:
                return PreparedImage(data, "image/jpeg", image.width, image.height)
        if max(image.size) <= SMALLEST_SIDE:
            raise ImageRefused(
                f"“{path.name}” cannot be made small enough for this model.", "Choose another model for this image."
            )
        # As much smaller as the last attempt was too long, but never by less than a sixth.
        ratio = min(0.84, 0.95 * (max_base64 / base64_length(data)) ** 0.5)
        side = max(SMALLEST_SIDE, int(max(image.size) * ratio))
        scale = side / max(image.size)
        image = image.resize((max(1, int(image.width * scale)), max(1, int(image.height * scale))))
