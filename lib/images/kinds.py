"""How the names of images end, and which package reads those that Pillow does not read by itself."""

from __future__ import annotations

from importlib.util import find_spec

RARE_JPEG_SUFFIXES = (".jfif", ".jpe", ".jif")
"""How JPEGs end that browsers and old programs saved."""

_PACKAGES = {".heic": "pillow-heif", ".heif": "pillow-heif", ".jxl": "pillow-jxl-plugin"}
_MODULES = {"pillow-heif": "pillow_heif", "pillow-jxl-plugin": "pillow_jxl"}

_MISSING = {suffix: package for suffix, package in _PACKAGES.items() if find_spec(_MODULES[package]) is None}

ADDED_SUFFIXES = tuple(suffix for suffix in _PACKAGES if suffix not in _MISSING)
_FORMATS = {".heic": "HEIF", ".heif": "HEIF", ".jxl": "JXL"}
ADDED_FORMATS = tuple(dict.fromkeys(_FORMATS[suffix] for suffix in ADDED_SUFFIXES))
"""Formats whose header is read here, and which their package decodes in a process of its own."""

IMAGE_SUFFIXES = (
    ".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif", *RARE_JPEG_SUFFIXES, *ADDED_SUFFIXES,
)  # fmt: skip
"""How the names of images end, in small letters."""


def missing_package(suffix: str) -> str:
    """The package that reads images with this ending (in small letters) and is not installed, "" where none is."""
    return _MISSING.get(suffix, "")
