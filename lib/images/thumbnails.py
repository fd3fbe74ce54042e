"""Small pictures for galleries, kept on disk so that each is made once."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
from pathlib import Path

from lib.errors import ImageRefused
from lib.files import temp_beside
from lib.images.picture import AnyPicture
from lib.images.safe_open import load_image
from lib.images.shrink import jpeg_bytes

_sizes: dict[Path, int] = {}
_lock = threading.Lock()
_HOUR = 3_600


def thumbnail(path: AnyPicture, side: int, cache: Path, cap_mb: int) -> bytes:
    """A JPEG of which neither side is longer than `side`, from the cache where the file has not changed since.

    The cache keeps below `cap_mb` megabytes by dropping what was not looked at for longest. Safe for threads and
    processes. Raises ImageRefused.
    """
    kept = cache / _key(path, side)
    try:
        data = kept.read_bytes()
        if data:
            _touch(kept)
            return data
    except OSError:
        pass
    data = jpeg_bytes(load_image(path, side), 82)
    # A full or read-only disk costs time only: the picture is there all the same.
    with contextlib.suppress(OSError):
        _keep(kept, data, cache, cap_mb * 1_000_000)
    return data


def clear_thumbnails(cache: Path) -> None:
    """Drops all that is kept. Whoever looks at one meanwhile has it made anew."""
    for _, _, path in _entries(cache):
        with contextlib.suppress(OSError):
            Path(path).unlink()
    with _lock:
        # Counted anew: others may have kept some meanwhile.
        _sizes.pop(cache, None)


def _key(path: AnyPicture, side: int) -> str:
    try:
        info = path.stat()
    except (OSError, ValueError) as exc:
        raise ImageRefused(f"“{path.name}” is gone.", "Reload the folder to see what is there.") from exc
    text = f"{path}\0{info.st_size}\0{info.st_mtime_ns}\0{side}"
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{digest[:2]}/{digest[2:34]}.jpg"


def _touch(kept: Path) -> None:
    """Marks a thumbnail as used; once an hour is enough to tell the old ones from the new."""
    with contextlib.suppress(OSError):
        if time.time() - kept.stat().st_mtime > _HOUR:
            os.utime(kept)


def _keep(kept: Path, data: bytes, cache: Path, cap: int) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    temp = temp_beside(kept)
    try:
        temp.write_bytes(data)
        temp.replace(kept)
    finally:
        temp.unlink(missing_ok=True)
    with _lock:
        if cache not in _sizes:
            _sizes[cache] = sum(size for _, size, _ in _entries(cache))
        else:
            _sizes[cache] += len(data)
        if _sizes[cache] > cap:
            _sizes[cache] = _evict(cache, cap * 4 // 5)


def _entries(cache: Path) -> list[tuple[float, int, str]]:
    """Time, size and path of all that is kept."""
    found = []
    for folder in cache.iterdir() if cache.is_dir() else ():
        with contextlib.suppress(OSError), os.scandir(folder) as files:
            for file in files:
                with contextlib.suppress(OSError):
                    info = file.stat()
                    found.append((info.st_mtime, info.st_size, file.path))
    return found


def _evict(cache: Path, target: int) -> int:
    """Drops the oldest until the target size (bytes) is reached; gives the size left."""
    entries = sorted(_entries(cache))
    total = sum(size for _, size, _ in entries)
    for _, size, path in entries:
        if total <= target:
            break
        with contextlib.suppress(OSError):
            Path(path).unlink()
        total -= size
    return total
