"""What was read of a source so far: its images, copied out of sight, and what could not be taken."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol

from lib.errors import Cancelled, ImageRefused, QuotaExceeded
from lib.images import image_format, probe_image
from lib.importing.account import ImportAccount
from lib.importing.captions import Said
from lib.importing.told import ToldOrigins
from lib.progress import NOBODY, Progress

MAX_IMAGE_BYTES = 400_000_000
_CHUNK = 1 << 20

_Told = Callable[[bytes], Any]


class ByteStream(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(slots=True)
class Staged:
    """One image that waits for its name. `name` is the one it will ask for; `hash` is its SHA-256."""

    name: str
    path: Path
    hash: str
    texts: list[Said] = field(default_factory=list)


class Stage:
    """Images in a hidden folder by their path in the source, and the account of all else."""

    def __init__(self, folder: Path, progress: Progress = NOBODY, room: int | None = None) -> None:
        """`room`: the bytes that all images together may take."""
        self.images: dict[str, Staged] = {}
        self.account = ImportAccount()
        self.told = ToldOrigins()
        """Who wrote the captions, as far as the source tells."""
        self._folder = folder
        self._progress = progress
        self._room = room
        self._count = 0

    def step(self) -> None:
        if self._progress.is_cancelled():
            raise Cancelled("The import was stopped.", "Nothing was added.")
        self._progress.advance(len(self.images), 0)

    def check_there(self) -> None:
        """Raises OSError where the folder of what was read has gone away, and the dataset round it, too."""
        self._folder.stat()

    def refuse(self, name: str, reason: str) -> None:
        self.account.refused.append((name, reason))

    def image(self, id: str, file: ByteStream) -> None:
        """Copies an image, or refuses it. Raises OSError where the disk does, QuotaExceeded where there is no room."""
        if self._came_before(id):
            return
        path = self._free_path(PurePosixPath(id).suffix.lower())
        hash = hashlib.sha256()
        try:
            with path.open("xb") as out:
                size = self._copy(file, out, MAX_IMAGE_BYTES, hash.update)
            if size > MAX_IMAGE_BYTES:
                raise ImageRefused("It is too large for an image.")
            probe_image(path)
        except ImageRefused as exc:
            path.unlink()
            self.refuse(id, exc.message.replace(path.name, PurePosixPath(id).name))
            return
        if self._room is not None:
            self._room -= size
        self.images[id] = Staged(id, path, hash.hexdigest())

    def keep(self, ending: str, file: ByteStream, first: bytes = b"", most: int | None = None) -> Path | None:
        """Copies what is read later, once all images are known; `first` was read of it already.

        None where it is longer than `most`. Raises as `image` does.
        """
        path = self._free_path(ending)
        with path.open("xb") as out:
            out.write(first)
            size = self._copy(file, out, most, lambda data: None, len(first))
        if most is None or size <= most:
            return path
        path.unlink()
        return None

    def drop(self, id: str, reason: str = "") -> None:
        """Takes an image out again; with a reason it is refused."""
        if staged := self.images.pop(id, None):
            staged.path.unlink(missing_ok=True)
            if reason:
                self.refuse(id, reason)

    def format_of(self, id: str) -> str:
        """How the name of an image ends, by its content."""
        return image_format(self.images[id].path)

    def _came_before(self, id: str) -> bool:
        if id in self.images:
            self.refuse(id, "an image of this name came before")
        return id in self.images

    def _free_path(self, ending: str) -> Path:
        self._count += 1
        return self._folder / f"{self._count:08d}{ending}"

    def _copy(self, file: ByteStream, out: BinaryIO, most: int | None, told: _Told, size: int = 0) -> int:
        """The bytes that there are, no more than one piece beyond `most`."""
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            if most is not None and size > most:
                break
            if self._room is not None and size > self._room:
                raise QuotaExceeded("The space for uploads is used up.", "Nothing was added. Delete an upload.")
            told(chunk)
            out.write(chunk)
        return size


class Listing(Stage):
    """Images by their names alone: nothing of them is read or copied, for a look at what a source holds."""

    def image(self, id: str, file: ByteStream) -> None:
        if not self._came_before(id):
            self.images[id] = Staged(id, self._folder / "none", "")

    def drop(self, id: str, reason: str = "") -> None:
        if self.images.pop(id, None) and reason:
            self.refuse(id, reason)

    def format_of(self, id: str) -> str:
        return "jpg"
