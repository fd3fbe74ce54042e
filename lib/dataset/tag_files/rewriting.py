"""Rewrites many tag files as one: all of them or none, with one wait for the disk."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lib.dataset.tag_files.presence import Presence
from lib.dataset.tag_files.sidecar import hash_of
from lib.domain import Origin
from lib.errors import Cancelled
from lib.files import TEMP_PREFIX, Files, write_whole
from lib.progress import NOBODY, Progress

_STEP = 64
"""So many files are written between two looks at whether to go on."""

LeftAlone = list[tuple[str, str]]
"""Pairs of a name and the reason why it is left as it is."""


@dataclass(frozen=True, slots=True)
class FileRewrite:
    """One file's way from one content to another, None for no file. `path` is relative, `target` the real file.

    `info` is the file as it was when it was read, None where there was none.
    """

    path: str
    target: str
    before: bytes | None
    after: bytes | None
    info: os.stat_result | None = None
    origin: Origin | None = None
    """Where the new content came from, for the history; None for where all of the operation's did."""


class RewriteRefused(Exception):
    """A rewrite ended at the file `path` (relative), with `cause`: the system refused it, or it was cancelled.

    `put_back`: all files are as they were. Else some are not, or nobody can tell since their folder went away, and the
    recovery has to settle them.
    """

    def __init__(self, path: str, cause: OSError | Cancelled, *, put_back: bool) -> None:
        super().__init__(path, cause)
        self.path = path
        self.cause = cause
        self.put_back = put_back


def stop_if_cancelled(progress: Progress) -> None:
    """Raises Cancelled once that was asked for."""
    if progress.is_cancelled():
        raise Cancelled("It was stopped.", "No caption was changed: all files hold what they held before.")


def status_of(target: str, files: Files) -> os.stat_result | None:
    """A file's status, None where there is no file. Raises OSError."""
    try:
        return files.status(target)
    except (FileNotFoundError, NotADirectoryError):
        return None


def hash_on_disk(path: str) -> str | None:
    """The hash of a file, "" where there is none, None where it cannot be read."""
    try:
        # A FIFO of that name would be waited for without end.
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        with open(path, "rb") as file:
            return hash_of(file.read())
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError:
        return None


def rewrite_all(
    rewrites: Sequence[FileRewrite], token: str, files: Files, progress: Progress = NOBODY
) -> list[FileRewrite]:
    """Rewrites all files, durably; gives those left alone because another program changed them in the meantime.

    All temporary files are written and synced before the first of them gets its name, so a full disk is met while
    nothing has changed yet, and until then it can be cancelled. Where that happens or the system refuses something,
    every file is put back and RewriteRefused is raised.
    `token` begins the names of the temporary files, so that `remove_temps` finds them after a crash.
    """
    run = _Rewriting(rewrites, token, files, progress)
    try:
        return run.forward()
    except BaseException as exc:
        put = True
        try:
            run.back()
        except OSError:
            put = False
        if isinstance(exc, OSError | Cancelled):
            raise RewriteRefused(run.at, exc, put_back=put) from exc
        raise


def put_back(rewrites: Sequence[FileRewrite], token: str, files: Files) -> None:
    """Gives files their old content again, but only those that hold the new one. Raises OSError."""
    backwards = [
        replace(one, before=one.after, after=one.before, info=status_of(one.target, files))
        for one in rewrites
        if hash_on_disk(one.target) == hash_of(one.after)
    ]
    if backwards:
        _Rewriting(backwards, f"{token}b", files, NOBODY).forward()


def remove_temps(rewrites: Sequence[FileRewrite], token: str) -> None:
    """Removes the temporary files that a crash left beside the targets. Raises OSError."""
    for folder in {os.path.dirname(one.target) for one in rewrites}:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
            for name in [entry.name for entry in entries if entry.name.startswith(f"{TEMP_PREFIX}{token}")]:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(os.path.join(folder, name))


class _Rewriting:
    """One rewrite as it goes on: `at` is the file at work, `done` what has its new content, or may have."""

    def __init__(self, rewrites: Sequence[FileRewrite], token: str, files: Files, progress: Progress) -> None:
        self.at = rewrites[0].path if rewrites else ""
        self._rewrites = rewrites
        self._token = token
        self._files = files
        self._progress = progress
        # One for each rewrite, None where the file is to be removed.
        self._temps: list[str | None] = []
        self._done: list[FileRewrite] = []
        self._presence = Presence(one.target for one in rewrites)

    def forward(self) -> list[FileRewrite]:
        for number, one in enumerate(self._rewrites):
            if number % _STEP == 0:
                stop_if_cancelled(self._progress)
                self._progress.advance(number, len(self._rewrites))
            if one.after is None:
                self._temps.append(None)
            else:
                self.at = one.path
                temp = os.path.join(os.path.dirname(one.target), f"{TEMP_PREFIX}{self._token}{number:x}")
                handle = self._files.create(temp, 0o666)
                # Only now is there something to be removed; on a read-only disk even trying that would fail.
                self._temps.append(temp)
                _fill(handle, one.after, one.info, self._files)
        # A file without a byte has nothing to lose: that of its folder's names is synced below.
        pairs = zip(self._rewrites, self._temps, strict=True)
        if written := [temp for one, temp in pairs if temp is not None and one.after]:
            self._files.sync_many(written)
        # The last moment: a reader may see the new texts from here on, so they all come.
        stop_if_cancelled(self._progress)
        pairs = zip(self._rewrites, self._temps, strict=True)
        skipped = [one for one, temp in pairs if not self._give_name(one, temp)]
        for folder in {os.path.dirname(one.target) for one in self._done}:
            self._files.sync_folder(folder)
        # What looked changed or deleted may only have gone away.
        self._presence.check()
        self._progress.advance(len(self._rewrites), len(self._rewrites))
        return skipped

    def _give_name(self, one: FileRewrite, temp: str | None) -> bool:
        """Puts a new file in the place of the old one, unless that is not the one that was read."""
        self.at = one.path
        if not _same(one.info, status_of(one.target, self._files)):
            if temp is not None:
                self._files.remove(temp)
            return False
        self._done.append(one)
        if temp is None:
            self._files.remove(one.target)
        else:
            self._files.replace(temp, one.target)
        return True

    def back(self) -> None:
        # The temporary files first: on a full disk their space is needed.
        for temp in self._temps:
            if temp is not None:
                with contextlib.suppress(FileNotFoundError):
                    self._files.remove(temp)
        if unknown := next((one.target for one in self._done if hash_on_disk(one.target) is None), None):
            raise OSError(errno.EIO, os.strerror(errno.EIO), unknown)
        put_back(self._done, self._token, self._files)
        # In a folder that went away all files look as if somebody had deleted them.
        self._presence.check()


def _fill(handle: int, data: bytes, info: os.stat_result | None, files: Files) -> None:
    try:
        if info is not None:
            files.keep_mode(handle, info)
        write_whole(handle, data, files)
    except BaseException:
        with contextlib.suppress(OSError):
            os.close(handle)
        raise
    files.close(handle)


def _same(old: os.stat_result | None, new: os.stat_result | None) -> bool:
    if old is None or new is None:
        return old is new
    return (old.st_mtime_ns, old.st_size, old.st_ino) == (new.st_mtime_ns, new.st_size, new.st_ino)
