"""All that the other rooms do with image files: open them safely, show them, send them."""

from __future__ import annotations

from lib.images.encode import Encoded, encoded, is_turned, may_be_turned, upright
from lib.images.gate import telling
from lib.images.kinds import ADDED_SUFFIXES, IMAGE_SUFFIXES, RARE_JPEG_SUFFIXES, missing_package
from lib.images.picture import Picture, provide_pictures
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
    "ADDED_SUFFIXES",
    "FORMATS",
    "IMAGE_SUFFIXES",
    "RARE_JPEG_SUFFIXES",
    "Encoded",
    "Picture",
    "check_image",
    "display_jpeg",
    "encoded",
    "image_format",
    "image_size",
    "is_turned",
    "jpeg_within",
    "load_image",
    "load_square",
    "load_whole",
    "may_be_turned",
    "missing_package",
    "probe_image",
    "provide_pictures",
    "telling",
    "thumbnail",
    "upright",
]
