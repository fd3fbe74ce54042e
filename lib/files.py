"""The few file system calls that writing needs, and an atomic write made of them."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import os
import secrets
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lib.errors import WriteFailed

StrPath = str | os.PathLike[str]

TEMP_PREFIX = ".~"
"""Temporary files are hidden, short, and known by this beginning."""


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Files:
    """The file system's calls, one method each, so that a test can make any of them fail."""

    def create(self, path: StrPath, mode: int) -> int:
        """Opens a file that must not exist yet, for writing."""
        return os.open(path, _NEW, mode)

    def write(self, handle: int, data: bytes) -> int:
        return os.write(handle, data)

    def sync(self, handle: int) -> None:
        os.fsync(handle)

    def close(self, handle: int) -> None:
        os.close(handle)

    def status(self, path: StrPath) -> os.stat_result:
        return os.stat(path)

    def keep_mode(self, handle: int, info: os.stat_result) -> None:
        """Gives a new file the mode of the old one, and its owner where this process may."""
        if hasattr(os, "fchmod"):
            os.fchmod(handle, stat.S_IMODE(info.st_mode))
        if hasattr(os, "fchown") and (info.st_uid, info.st_gid) != (os.geteuid(), os.getegid()):
            with contextlib.suppress(PermissionError):
                os.fchown(handle, info.st_uid, info.st_gid)

    def replace(self, source: StrPath, target: StrPath) -> None:
        os.replace(source, target)

    def link(self, source: StrPath, target: StrPath) -> None:
        """Gives a file a second name, which must not exist yet."""
        os.link(source, target, follow_symlinks=False)

    def remove(self, path: StrPath) -> None:
        os.unlink(path)

    def sync_folder(self, path: StrPath) -> None:
        """Makes names in a folder durable, where the system can do that."""
        if os.name == "nt":
            return
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        except OSError as exc:
            # Some network and FUSE file systems have no such thing; there is nothing more to be done on them.
            if exc.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.ENOSYS):
                raise
        finally:
            os.close(handle)

    def sync_many(self, paths: Sequence[StrPath]) -> None:
        """Makes many new files durable.

        A few are synced one by one. For many, one `syncfs` for each file system waits once for all of them, which is
        several times faster; unlike `sync` it leaves other disks alone and reports what could not be written.
        """
        if len(paths) <= _FEW:
            lone = paths
        else:
            devices = {Path(folder).stat().st_dev: folder for folder in {os.path.dirname(path) for path in paths}}
            lone = paths if not all(_sync_file_system(folder) for folder in devices.values()) else ()
        for path in lone:
            # For reading where that is enough: the mode that was kept may forbid writing.
            handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0) if os.name == "nt" else os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


_FEW = 32


def _sync_file_system(folder: StrPath) -> bool:
    """Writes out the file system of a folder, false where the system has no such call. Raises OSError."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None) if sys.platform == "linux" else None
    if call is None:
        return False
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if call(handle) == 0:
            return True
        error = ctypes.get_errno()
    finally:
        os.close(handle)
    if error == errno.ENOSYS:
        return False
    raise OSError(error, os.strerror(error))


FILES = Files()


def new_token() -> str:
    """How the names of an operation's temporary files begin behind the prefix, so that a recovery finds them."""
    return secrets.token_hex(6)


def temp_beside(target: Path, token: str = "") -> Path:
    """A free hidden name in the same folder, short even where the target's own name is as long as names can be."""
    return target.parent / f"{TEMP_PREFIX}{token or new_token()}"


def write_atomic(
    target: Path, data: bytes | memoryview, token: str = "", files: Files = FILES, mode: int = 0o666
) -> None:
    """Replaces a file's content whole, or leaves it as it is; durable when it returns.

    A file that is there keeps its mode; a new one gets `mode`, less what the umask takes away.

    `token` names the temporary file; what a crash leaves of it is found by `rewriting.remove_temps` where the journal
    knows the token.
    Raises OSError. Where only the last step fails (making the new name durable) the new content is in place already.
    """
    try:
        info: os.stat_result | None = files.status(target)
    except FileNotFoundError:
        info = None
    temp = temp_beside(target, token)
    handle = files.create(temp, mode)
    open_still = True
    try:
        if info is not None:
            files.keep_mode(handle, info)
        write_whole(handle, data, files)
        files.sync(handle)
        # Closed once, whatever it answers: the number may belong to another thread's file a moment later.
        open_still = False
        files.close(handle)
        files.replace(temp, target)
    except BaseException:
        # Past the seam: clearing up must work even where the calls before it were made to fail.
        with contextlib.suppress(OSError):
            if open_still:
                os.close(handle)
        with contextlib.suppress(OSError):
            temp.unlink()
        raise
    files.sync_folder(target.parent)


def write_whole(handle: int, data: bytes | memoryview, files: Files = FILES) -> None:
    """Writes all bytes, however few the system takes at a time."""
    view = memoryview(data)
    while view:
        view = view[files.write(handle, bytes(view[: 1 << 20])) :]


def file_hash(path: Path) -> str:
    """The SHA-256 of a file in hex, read in pieces. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_CAUSES = {
    errno.ENOSPC: ("the disk is full", "Free some space and save again."),
    errno.EDQUOT: ("the disk quota is used up", "Free some space and save again."),
    errno.EROFS: ("the disk is read-only", "Copy the dataset to a place that can be written to."),
    errno.EACCES: ("writing is not permitted there", "Change the folder's permissions and save again."),
    errno.EPERM: ("writing is not permitted there", "Change the folder's permissions and save again."),
    errno.ENOENT: ("its folder is gone", "Put the folder back, or open the dataset again."),
    errno.ENOTDIR: ("its folder is gone", "Put the folder back, or open the dataset again."),
    errno.EISDIR: ("there is a folder of that name", "Move that folder away and save again."),
    errno.ENAMETOOLONG: ("its name is too long", "Give the image a shorter name."),
}


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""The disk takes nothing at all, whatever the file."""


def cause_of(error: OSError) -> tuple[str, str]:
    """Why the system refused a write, and what helps, in words."""
    return _CAUSES.get(error.errno or 0, (error.strerror or "the disk refused it", "Try again."))


@contextmanager
def write_errors(what: str, kept: str) -> Iterator[None]:
    """Raises WriteFailed where the disk refuses. `what` could not be done (“The sample could not be drawn”).

    `kept` says what stays all the same.
    """
    try:
        yield
    except OSError as exc:
        cause, remedy = cause_of(exc)
        raise WriteFailed(f"{what}: {cause}.", f"{kept} {remedy}".strip()) from exc
