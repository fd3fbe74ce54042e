"""Memory of a picture goes back to the system when the picture is let go, not to the thread that had it."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from functools import lru_cache

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_KEPT, _OF_ITS_OWN, _ARENAS = 16 << 20, (16 << 20) - (1 << 18), 4
"""Pillow takes 16 MB at a time, less a row, for a large picture. Small ones are quicker in memory used before."""


@lru_cache(maxsize=1)
def return_at_once() -> None:
    """Tells glibc to map the blocks of large pictures by themselves. Nothing elsewhere.

    Left alone it raises that bound to 32 MB once such a block was freed, and every thread then keeps the blocks that
    its pictures had: six threads kept 80 MB that no picture was in.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            library = ctypes.CDLL(None)
            for option, value in (
                (_M_MMAP_THRESHOLD, _OF_ITS_OWN), (_M_TRIM_THRESHOLD, _KEPT), (_M_ARENA_MAX, _ARENAS)
            ):  # fmt: skip
                library.mallopt(option, value)
