"""How much memory this server may take, how much it has, whether heavy work fits, and how it goes back."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from lib.errors import MemoryShort
from lib.settings import settings

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_KEPT, _OF_ITS_OWN, _ARENAS = 16 << 20, (16 << 20) - (1 << 18), 4
"""Pillow takes 16 MB at a time, less a row, for a large picture. Small ones are quicker in memory used before."""

_UNLIMITED = 1 << 60
"""Version 1 of cgroups says something like this where nothing is limited."""

_RESERVE, _MOST_RESERVED = 0.1, 500_000_000
"""The part that is left to the system and what it keeps of files."""

_lock = threading.Lock()
_coming = 0
"""What models take that are being loaded."""


def allowed() -> int:
    """The bytes that this server may take: TOOLKIT_MEMORY_MB, or what is found, less a reserve."""
    if stated := settings().memory_mb:
        return stated * 1_000_000
    found = _found()
    return found - min(int(_RESERVE * found), _MOST_RESERVED)


@lru_cache(maxsize=1)
def _found() -> int:
    return min(machine_bytes(), cgroup_bytes())


def machine_bytes() -> int:
    """The memory of the machine; what is plenty where it is not told."""
    with suppress(OSError, ValueError, AttributeError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return _UNLIMITED


def cgroup_bytes(proc: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")) -> int:
    """The tightest limit of the control groups, version 1 or 2, that this process is in; plenty without one.

    A group's limit holds for all below it. Inside a container the path that /proc tells may lie outside of what can be
    seen; the top of what can be seen is then the container's own.
    """
    limits = [_UNLIMITED]
    with suppress(OSError):
        for line in proc.read_text().splitlines():
            number, controllers, path = line.split(":", 2)
            if number == "0":
                limits += _limits(root, path, "memory.max")
            elif "memory" in controllers.split(","):
                limits += _limits(root / "memory", path, "memory.limit_in_bytes")
    return min(limits)


def _limits(top: Path, path: str, file: str) -> list[int]:
    found = []
    here = top / path.lstrip("/")
    for folder in (here, *here.parents):
        if not folder.is_relative_to(top):
            break
        # "max" is no number.
        with suppress(OSError, ValueError):
            found.append(int((folder / file).read_text()))
    return [limit for limit in found if 0 < limit < _UNLIMITED]


def in_use() -> int:
    """The bytes that this process holds and cannot give back; 0 where the system does not tell.

    What is mapped from files, libraries above all, the system drops and reads again when it is short.
    """
    with suppress(OSError, ValueError):
        lines = Path("/proc/self/status").read_text().splitlines()
        return sum(1_024 * int(line.split()[1]) for line in lines if line.startswith(("RssAnon:", "RssShmem:")))
    return 0


def left() -> int:
    """The bytes that may still be taken, less those that heavy work has begun to take."""
    return allowed() - in_use() - _coming


@contextmanager
def room_for(size: int, what: str, lighter: str) -> Iterator[None]:
    """Keeps so many bytes free for `what` until the block ends, by when it is to be in memory.

    Raises MemoryShort where that is more than is left; `lighter` says what to do instead. What has come already counts
    twice meanwhile: rather one refusal too many than two models that fit only one at a time.
    """
    global _coming
    with _lock:
        if size > left():
            give_back()
        if size > left():
            raise _short(size, what, lighter)
        _coming += size
    try:
        yield
    finally:
        with _lock:
            _coming -= size


def _short(size: int, what: str, lighter: str) -> MemoryShort:
    coming = f", and {_mb(_coming)} more are about to be" if _coming else ""
    return MemoryShort(
        f"{what} needs about {_mb(size)} of memory. {_mb(in_use())} of the {_mb(allowed())} that this server may take"
        f" are in use{coming}.",
        f"Nothing was started. {lighter} Whoever runs the server may allow more with TOOLKIT_MEMORY_MB.",
    )


def _mb(size: int) -> str:
    return f"{size // 1_000_000:,} MB"


def give_back() -> None:
    """Hands what was freed back to the system, which the C library would keep for later."""
    gc.collect()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


@lru_cache(maxsize=1)
def return_at_once() -> None:
    """Tells glibc to map the blocks of large pictures by themselves. Nothing elsewhere.

    Left alone, glibc raises that bound to 32 MB once such a block was freed, and every thread then keeps the blocks
    that its pictures had: six threads kept 80 MB that no picture was in.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            library = ctypes.CDLL(None)
            for option, value in (
                (_M_MMAP_THRESHOLD, _OF_ITS_OWN), (_M_TRIM_THRESHOLD, _KEPT), (_M_ARENA_MAX, _ARENAS)
            ):  # fmt: skip
                library.mallopt(option, value)
