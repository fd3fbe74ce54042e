"""Tells a table of captions in a .txt, as Flickr8k has one, from the tag file of one image, by its first lines."""

from __future__ import annotations

import re

from lib.importing.tables.image_keys import is_picture

HEAD = 8_192
"""Bytes that are enough to tell."""

_BETWEEN = re.compile(r"[,;|\t]")


def is_loose_table(head: bytes) -> bool:
    """Whether all lines but the first, which may be a header, name an image. `head`: the first bytes of the file."""
    lines = [line for line in head.decode("utf-8", "replace").splitlines() if line.strip()]
    if len(head) >= HEAD:
        # It was cut somewhere.
        lines = lines[:-1]
    return len(lines) > 1 and all(any(map(is_picture, _BETWEEN.split(line))) for line in lines[1:])
