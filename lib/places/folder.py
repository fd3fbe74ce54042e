"""A folder of this machine, or of a disk that all machines see."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from lib.errors import PlaceFailed
from lib.files import FILES, Files, temp_beside, write_atomic, write_errors
from lib.places.base import DataPlace, Entry, checked
from lib.urls import Url

_KEPT = "What was written before is whole."


class FolderPlace(DataPlace):
    """Files are written under a hidden name, synced, and only then given theirs."""

    def __init__(self, url: Url, files: Files = FILES) -> None:
        super().__init__(url)
        self._root = Path(url.path)
        self._files = files

    @property
    def folder(self) -> Path:
        return self._root

    def files(self, under: str = "", *, recursive: bool = True) -> Iterator[Entry]:
        place = self._root / under if under else self._root
        prefix = f"{under.strip('/')}/" if under.strip("/") else ""
        try:
            names = sorted(name for name in os.listdir(place) if name[0] != ".")  # noqa: PTH208 - a million names
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise PlaceFailed(f"“{place}” cannot be listed ({error.strerror}).", "Nothing was changed.") from error
        folders = []
        for name in names:
            try:
                info = (place / name).lstat()
                if stat.S_ISLNK(info.st_mode):
                    # A link to a folder may lead round in a circle; one to a file is looked at when it is opened.
                    info = (place / name).stat()
                    if stat.S_ISDIR(info.st_mode):
                        continue
            except OSError:
                # Gone meanwhile, or a link to nothing.
                continue
            if stat.S_ISDIR(info.st_mode):
                folders.append(name)
            elif stat.S_ISREG(info.st_mode):
                yield Entry(prefix + name, info.st_size, str(info.st_mtime_ns))
        del names
        for name in folders if recursive else ():
            yield from self.files(prefix + name)

    def open(self, name: str) -> BinaryIO:
        path = self._root / checked(name)
        try:
            # Opening a pipe must not wait for somebody to write into it.
            handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                os.close(handle)
                raise PlaceFailed(f"“{path}” is not a regular file.", "It was not read.")
            return os.fdopen(handle, "rb")
        except FileNotFoundError:
            raise
        except OSError as error:
            raise PlaceFailed(f"“{path}” cannot be read ({error.strerror}).", "Nothing was changed.") from error

    def put(self, name: str, data: bytes | Path) -> None:
        target = self._root / checked(name)
        with write_errors(f"“{target}” was not written", _KEPT):
            if not target.parent.is_dir():
                target.parent.mkdir(parents=True, exist_ok=True)
                self._files.sync_folder(target.parent.parent)
            if isinstance(data, bytes):
                write_atomic(target, data, files=self._files)
            else:
                self._copy(data, target)

    def _copy(self, source: Path, target: Path) -> None:
        temp = temp_beside(target)
        try:
            shutil.copyfile(source, temp)
            self._files.sync_many([temp])
            self._files.replace(temp, target)
        except BaseException:
            with suppress(OSError):
                temp.unlink()
            raise
        self._files.sync_folder(target.parent)

    def remove(self, name: str) -> None:
        target = self._root / checked(name)
        with write_errors(f"“{target}” was not removed", _KEPT), suppress(FileNotFoundError):
            self._files.remove(target)
