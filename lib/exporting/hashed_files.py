"""The files of an export while it is written: in a hidden folder, each of them hashed."""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from lib.dataset.tag_files.sidecar import hash_of
from lib.files import FILES, file_hash

_PIECE = 1 << 20
_PIECES_AHEAD = 7
"""Pieces that wait for the disk at most."""


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """One file of an export. `name` is relative to where it is written."""

    name: str
    bytes: int
    sha256: str


class HashingFile(io.RawIOBase):
    """A file that is written from its beginning to its end; a thread behind it hashes and writes, piece by piece.

    Raises OSError in `write`, `flush` or `close`, a few pieces after the one that met it.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")
        self._hash = hashlib.sha256()
        self._piece = bytearray()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="export-writer")
        self._waiting: deque[Future[None]] = deque()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        # However much comes at once, it waits in small pieces, and only so many of them.
        view = memoryview(data)
        done = 0
        while done < len(view):
            piece = view[done : done + _PIECE - len(self._piece)]
            self._piece += piece
            done += len(piece)
            self.size += len(piece)
            if len(self._piece) >= _PIECE:
                self._hand_on()
        return done

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        if not self.closed:
            self._wait(0)
            piece, self._piece = self._piece, bytearray()
            self._carry(piece)
            self._file.flush()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._writer.shutdown(cancel_futures=True)
            self._file.close()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def _hand_on(self) -> None:
        self._waiting.append(self._writer.submit(self._carry, self._piece))
        self._piece = bytearray()
        self._wait(_PIECES_AHEAD)

    def _wait(self, pieces: int) -> None:
        while len(self._waiting) > pieces:
            self._waiting.popleft().result()

    def _carry(self, piece: bytearray) -> None:
        self._hash.update(piece)
        self._file.write(piece)


class HeldEnd(io.RawIOBase):
    """The end of a file, which may still be changed until `settle`: a zip goes back to fill in an entry's checksum."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._held = io.BytesIO()

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        return self._held.write(data)

    def tell(self) -> int:
        return self._file.tell() + self._held.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = self._file.tell()
        return start + self._held.seek(offset - start if whence == io.SEEK_SET else offset, whence)

    def settle(self) -> None:
        """Hands on what is held: none of it will be changed any more."""
        self._file.write(self._held.getvalue())
        self._held = io.BytesIO()


@dataclass(slots=True)
class ExportFolder:
    """An export while it is written: a folder that nobody looks into yet, and the files in it."""

    folder: Path
    files: list[ExportedFile] = field(default_factory=list)
    _folders: set[Path] = field(default_factory=set)

    @contextmanager
    def create(self, name: str) -> Iterator[BinaryIO]:
        """A new file, hashed as it is written, and part of the export once it is closed."""
        with HashingFile(self.place(name)) as file:
            yield cast(BinaryIO, file)
        self.files.append(ExportedFile(name, file.size, file.sha256))

    def put(self, name: str, data: bytes) -> None:
        """A whole small file."""
        self.place(name).write_bytes(data)
        self.files.append(ExportedFile(name, len(data), hash_of(data)))

    def add(self, name: str) -> None:
        """A file that was written by other means."""
        path = self.folder / name
        self.files.append(ExportedFile(name, path.stat().st_size, file_hash(path)))

    def zip(self, name: str) -> str:
        """Puts all files of the folder `name` into one zip, which takes their place; gives its name."""
        zipped = f"{name}.zip"
        with zipfile.ZipFile(self.place(zipped), "x") as archive:
            for file in tuple(self.files):
                entry = zip_entry(file.name.removeprefix(f"{name}/"))
                with (
                    (self.folder / file.name).open("rb") as source,
                    archive.open(entry, "w", force_zip64=True) as target,
                ):
                    shutil.copyfileobj(source, target, 1 << 20)
                (self.folder / file.name).unlink()
        self.files.clear()
        self.add(zipped)
        return zipped

    def place(self, name: str) -> Path:
        """Where a file goes; its folder is made."""
        path = self.folder / name
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(path.parent)
        return path

    def sync(self) -> None:
        """Waits until all of it is on the disk. Raises OSError."""
        FILES.sync_many([self.folder / file.name for file in self.files])
        # A folder that holds nothing but folders has names in it too.
        above = {folder for below in self._folders for folder in below.parents if folder.is_relative_to(self.folder)}
        for folder in self._folders | above:
            FILES.sync_folder(folder)


def zip_entry(name: str, compression: int = zipfile.ZIP_STORED) -> zipfile.ZipInfo:
    """An entry that is the same whenever it is written: photos are not deflated again, and bear no date."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = compression
    entry.external_attr = 0o644 << 16
    return entry
