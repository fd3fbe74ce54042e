"""All that the other rooms do with image files: open them safely, show them, send them."""

from __future__ import annotations

from lib.images.gate import telling
from lib.images.kinds import IMAGE_SUFFIXES, RARE_JPEG_SUFFIXES, missing_package
from lib.images.picture import Picture
from lib.images.safe_open import (
    FORMATS,
    check_image,
    image_format,
    image_size,
    load_image,
    load_square,
    load_whole,
    probe_image,
)
from lib.images.shrink import display_jpeg, jpeg_within
from lib.images.thumbnails import thumbnail

__all__ = [
    "FORMATS",
    "IMAGE_SUFFIXES",
    "RARE_JPEG_SUFFIXES",
    "Picture",
    "check_image",
    "display_jpeg",
    "image_format",
    "image_size",
    "jpeg_within",
    "load_image",
    "load_square",
    "load_whole",
    "missing_package",
    "probe_image",
    "telling",
    "thumbnail",
]
