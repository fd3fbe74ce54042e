"""The ways in which programs write the name of an image into a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from lib.images import IMAGE_SUFFIXES

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE)
_LOCAL_FILES = re.compile(r"^/data/local-files/\?d=")
_UPLOADED = re.compile(r"[0-9a-f]{8}-")
_NUMBERED = re.compile(r"#\d+$")
_DIGITS = 12
"""Of COCO's names: 42 is 000000000042.jpg."""


def is_address(text: str) -> bool:
    """Whether a text is the address of something elsewhere."""
    return _ADDRESS.match(text.strip()) is not None


def is_picture(key: str) -> bool:
    """Whether a key ends as images do."""
    return _NUMBERED.sub("", key.strip()).lower().endswith(IMAGE_SUFFIXES)


def spellings(key: str) -> Iterator[str]:
    """A key as it is, and then as the program that wrote it may mean it.

    `name.jpg#0` (Flickr8k), an address, `/data/local-files/?d=` and `/data/upload/1/ab12cd34-` (Label Studio), COCO's
    numbers.
    """
    yield key
    if key != (key := key.strip()):
        yield key
    if plain := _NUMBERED.sub("", key) if "#" in key else "":
        yield plain
    if key.isascii() and key.isdigit() and len(key) < _DIGITS:
        yield key.zfill(_DIGITS)
    path = _LOCAL_FILES.sub("", key)
    if address := _ADDRESS.match(path):
        path = re.split(r"[?#]", path[address.end() :])[0]
    if path != key:
        yield path
    if "%" in path:
        path = unquote(path)
        yield path
    last = path.rpartition("/")[2]
    if _UPLOADED.match(last):
        yield last[9:]
