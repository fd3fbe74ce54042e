"""What a power cut would leave: follows the real calls that wait for the disk, and compares them with what is there."""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


class Disk:
    """Notes each file and folder as it was when the disk was waited for. The calls themselves are carried out.

    `early` lists the names that were given to something that was not on the disk yet: a power cut would have left them
    empty. Hidden names are nobody's yet and do not count.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.early: list[str] = []
        self._places: list[Path] = []
        self._synced: dict[tuple[int, int], object] = {}
        patch.setattr(os, "fsync", self._following_sync(os.fsync))
        patch.setattr(ctypes, "CDLL", self._following_library(ctypes.CDLL))
        for call in ("rename", "replace", "link"):
            patch.setattr(os, call, self._following_rename(getattr(os, call)))

    def lost(self, *places: Path) -> list[str]:
        """Which of these files, or of the names and files in these folders, a power cut would take."""
        return [path.name for place in places for path in _all(place) if not self._is_kept(path)]

    def settle(self, place: Path) -> None:
        """What lies there has been there for long."""
        self._places.append(place)
        for path in _all(place):
            self._note(path, path.stat())

    def _following_sync(self, real: Any) -> Any:
        def fsync(handle: Any) -> None:
            real(handle)
            self._note(handle, os.fstat(handle))

        return fsync

    def _following_rename(self, real: Any) -> Any:
        def rename(source: Any, target: Any, **options: Any) -> None:
            if not Path(target).name.startswith("."):
                self.early += self.lost(Path(source))
            real(source, target, **options)
            for folder in {Path(source).parent, Path(target).parent}:
                # A name is in its folder only once that is synced as well, however soon after the last time.
                self._synced.pop(_id(folder.stat()), None)

        return rename

    def _following_library(self, real: Any) -> Any:
        disk = self

        class Library(real):  # type: ignore[misc]
            def __getattr__(self, name: str) -> Any:
                call = super().__getattr__(name)
                return disk._following_syncfs(call) if name == "syncfs" else call

        return Library

    def _following_syncfs(self, real: Any) -> Any:
        def syncfs(handle: int) -> Any:
            answer = real(handle)
            if answer == 0:
                # All that was written so far to that file system.
                folder, device = Path(f"/proc/self/fd/{handle}").resolve(), os.fstat(handle).st_dev
                # Asked by any folder of it: what is under way lies below a hidden one.
                folder = next((above for above in folder.parents if above.name.startswith(".")), folder)
                for path in (path for place in (folder, *self._places) for path in _all(place)):
                    if (info := path.stat()).st_dev == device:
                        self._note(path, info)
            return answer

        return syncfs

    def _note(self, place: Any, info: os.stat_result) -> None:
        self._synced[_id(info)] = _state(place, info)

    def _is_kept(self, path: Path) -> bool:
        info = path.stat()
        then, now = self._synced.get(_id(info)), _state(path, info)
        # A name that is gone and comes back takes nothing away.
        return now <= then if isinstance(then, frozenset) and isinstance(now, frozenset) else now == then


def _id(info: os.stat_result) -> tuple[int, int]:
    return info.st_dev, info.st_ino


def _state(place: Path | int, info: os.stat_result) -> object:
    """What is compared: a folder by the names in it, a file by its size and time."""
    if stat.S_ISDIR(info.st_mode):
        with os.scandir(place) as entries:
            return frozenset(entry.name for entry in entries if not entry.name.startswith("."))
    return info.st_size, info.st_mtime_ns


def _all(place: Path) -> Iterator[Path]:
    yield place
    if place.is_dir():
        yield from place.rglob("*")
