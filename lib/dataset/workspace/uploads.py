"""An owner's uploaded folders: kept within a quota, checked, and removed when nobody came back for them."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from lib.dataset.tag_files.locks import locked
from lib.dataset.tag_files.sidecar import MAX_BYTES
from lib.dataset.tag_files.sidecar import SUFFIXES as SIDECAR_SUFFIXES
from lib.dataset.workspace.server_space import bytes_below, server_space
from lib.dataset.workspace.upload_names import NameRefused, NameTable, clean_part
from lib.errors import FolderRefused, ImageRefused, QuotaExceeded
from lib.files import temp_beside, write_errors
from lib.images.safe_open import check_image
from lib.private import private_file
from lib.settings import Settings

_CHUNK = 1 << 20
_MARK = ".opened"
"""An empty file in each upload whose time says when it was last opened."""

_CLOCK = "clock"
"""An empty file in the toolkit's home whose time is the latest that was seen."""

_GRAVE = ".deleted-"
UPLOADS, TABLE_COPIES = "uploads", "tables"
"""Folders of a workspace whose folders go when nobody opened them for long."""


class UploadedFile(Protocol):
    """What an upload widget gives for a file."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(slots=True)
class UploadReport:
    """What became of an upload: relative paths that were added, and (name, reason) of what was not."""

    folder: Path
    added: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


class UploadSpace:
    """The uploads of one owner, or the copies of tables. Safe for threads and processes."""

    def __init__(self, settings: Settings, owner: str, kind: str = UPLOADS) -> None:
        self._settle(settings.workspace(owner) / kind, settings)

    @classmethod
    def every(cls, settings: Settings, kind: str = UPLOADS) -> list[UploadSpace]:
        """The spaces of all owners that ever had one; their names are not known, only their folders."""
        spaces = []
        for root in (settings.home / "workspace").glob(f"*/{kind}"):
            space = cls.__new__(cls)
            space._settle(root, settings)
            spaces.append(space)
        return spaces

    def _settle(self, root: Path, settings: Settings) -> None:
        self.root = root
        self._settings = settings
        self._quota = settings.upload_quota_mb * 1_000_000
        self._days = settings.upload_days
        self._locks = settings.locks
        self._clock = settings.home / _CLOCK

    def folders(self) -> list[Path]:
        """The uploaded folders by name."""
        if not self.root.is_dir():
            return []
        found = [path for path in self.root.iterdir() if path.is_dir() and not path.name.startswith(".")]
        return sorted(found, key=lambda path: path.name.casefold())

    def used_bytes(self) -> int:
        """The bytes that all uploads take, captions included."""
        return bytes_below(self.root)

    def room(self) -> int:
        """The bytes that may still be uploaded: neither the owner's quota nor the server's cap is overstepped."""
        return int(min(max(0, self._quota - self.used_bytes()), server_space(self._settings).left))

    def new_folder(self, name: str) -> Path:
        """The place of an upload that is not there yet. Raises FolderRefused."""
        folder = self._folder(name)
        if folder.exists():
            raise FolderRefused(
                f"You have an upload “{folder.name}” already.", "Choose another name, or open it and import into it."
            )
        return folder

    def _folder(self, name: str) -> Path:
        clean = clean_part(name.replace("/", "_").replace("\\", "_"))
        if not clean:
            raise FolderRefused("The upload needs a name.", "Type a name for the new folder.")
        return self.root / clean

    def save(self, folder_name: str, files: Iterable[tuple[str, UploadedFile]]) -> UploadReport:
        """Adds images and captions to an upload, making it where needed.

        A file that cannot be taken is refused with a reason, and the others stay. Nothing that is there is
        overwritten. Raises FolderRefused for a name of which nothing is left, WriteFailed.
        """
        report = UploadReport(self._folder(folder_name))
        kept = "What arrived before is kept."
        with write_errors("The upload could not be kept", kept), locked(self._locks, self.root):
            report.folder.mkdir(parents=True, exist_ok=True)
            self.touch(report.folder)
            left = self.room()
            table = NameTable(report.folder)
            for given, file in files:
                try:
                    place = table.place(given)
                    left -= self._take(file, report.folder / place, left)
                    report.added.append(place.as_posix())
                except (NameRefused, ImageRefused, QuotaExceeded) as exc:
                    report.refused.append((given, str(exc)))
                except OSError as exc:
                    report.refused.append((given, exc.strerror or "it could not be written"))
        return report

    def _take(self, file: UploadedFile, target: Path, left: int) -> int:
        """Writes one file whole or not at all; gives its size in bytes."""
        if os.path.lexists(target):
            raise NameRefused("a file of this name is there already")
        caption = target.suffix.lower() in SIDECAR_SUFFIXES
        target.parent.mkdir(parents=True, exist_ok=True)
        temp = temp_beside(target)
        size = 0
        try:
            with temp.open("xb") as out:
                while chunk := file.read(_CHUNK):
                    size += len(chunk)
                    # What counts is what arrives: a size that a browser states is only a claim.
                    if size > left:
                        raise self.used_up()
                    if caption and size > MAX_BYTES:
                        raise NameRefused("it is too large for a caption")
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            if not caption:
                self._check(temp, target)
            temp.rename(target)
        finally:
            temp.unlink(missing_ok=True)
        return size

    @staticmethod
    def _check(temp: Path, target: Path) -> None:
        try:
            check_image(temp)
        except ImageRefused as exc:
            raise ImageRefused(exc.message.replace(temp.name, target.name)) from exc

    def used_up(self) -> QuotaExceeded:
        """The error for what finds no room."""
        if server_space(self._settings).left < self._quota - self.used_bytes():
            hint = "The administrator sets how much (TOOLKIT_TOTAL_MB). Deleting an upload or an export makes room."
            return QuotaExceeded("The space of this server is used up, by all who use it together.", hint)
        return QuotaExceeded("The space for uploads is used up.", "Delete an upload to make room.")

    def touch(self, folder: Path) -> None:
        """Notes that an upload is in use. Call it when the folder is opened; others are ignored."""
        with contextlib.suppress(OSError, FolderRefused):
            mark, now = self._own(folder) / _MARK, self._latest_time()
            mark.touch()
            os.utime(mark, (now, now))

    def _latest_time(self) -> float:
        """The latest time that any clock has shown here, in seconds since the epoch.

        What is used while the clock is set back would look long unused once it is right again.
        """
        known = 0.0
        with contextlib.suppress(OSError):
            known = self._clock.stat().st_mtime
        now = max(time.time(), known)
        if now > known:
            private_file(self._clock)
            os.utime(self._clock, (now, now))
        return now

    def expire(self, now: float | None = None, is_kept: Callable[[Path], bool] = lambda folder: False) -> list[str]:
        """Removes what nobody opened or changed for as many days as the settings say; gives the names.

        `now` is in seconds since the epoch. What `is_kept` is true of stays.
        """
        if now is None:
            with contextlib.suppress(OSError):
                self._latest_time()
        oldest = (time.time() if now is None else now) - self._days * 86_400
        for grave in self.root.glob(f"{_GRAVE}*"):
            shutil.rmtree(grave, ignore_errors=True)
        removed = []
        for folder in self.folders():
            if self._last_used(folder) < oldest and not is_kept(folder):
                self.delete(folder)
                removed.append(folder.name)
        return removed

    @staticmethod
    def _last_used(folder: Path) -> float:
        times = [folder.stat().st_mtime]
        with contextlib.suppress(OSError):
            times.append((folder / _MARK).stat().st_mtime)
        return max(times)

    def delete(self, folder: Path | str) -> None:
        """Removes one upload with all that is in it. Raises FolderRefused for anything else."""
        own = self._own(folder)
        # Out of sight in one step: no page ever sees a folder that is half gone.
        grave = self.root / f"{_GRAVE}{secrets.token_hex(6)}"
        with write_errors("The upload could not be deleted", "It is all there."), locked(self._locks, self.root):
            own.rename(grave)
            shutil.rmtree(grave, ignore_errors=True)

    def _own(self, folder: Path | str) -> Path:
        """The top folder of the upload that a folder belongs to."""
        root = self.root.resolve()
        real = (root / folder).resolve()
        if not real.is_relative_to(root) or real == root:
            raise FolderRefused("This is not one of your uploads.")
        top = root / real.relative_to(root).parts[0]
        if not top.is_dir() or top.name.startswith("."):
            raise FolderRefused("This upload is gone.")
        return top


def expire_uploads(settings: Settings, now: float | None = None) -> list[Path]:
    """Removes, for all owners, the uploads that nobody opened for `upload_days` days; gives their folders."""
    return [space.root / name for space in UploadSpace.every(settings) for name in space.expire(now)]
