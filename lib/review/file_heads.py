"""The first bytes of files that lie beside pictures."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from lib.dataset.tag_files.sidecar import read_all
from lib.errors import ImageRefused
from lib.images import Picture


def head_of(root: Path, name: str, most: int) -> bytes:
    """The beginning of a file of the dataset; empty for what is none: a link that leads out, a pipe."""
    try:
        handle = os.open(root / name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError:
        return b""
    try:
        Picture(root, name).check(handle)
        return read_all(handle, most) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
    except (OSError, ImageRefused):
        return b""
    finally:
        os.close(handle)
