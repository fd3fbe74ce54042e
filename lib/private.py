"""Files and folders for this account alone, whatever the umask says, which is left to the users' own folders."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

FILE = 0o600
FOLDER = 0o700

_GUARDED_BY_THEIR_FOLDER = ("workspace", "cache")
"""Below these lie datasets and pictures by the thousand. What is in a dataset keeps the mode it came with."""

_log = logging.getLogger(__name__)


def private_folder(folder: Path) -> None:
    """Makes a folder, and those above it that are missing, for this account alone. Raises OSError."""
    for path in (*reversed(folder.parents), folder):
        if not path.is_dir():
            path.mkdir(FOLDER, exist_ok=True)


def private_file(path: Path) -> None:
    """Makes an empty file for this account alone where there is none. Raises OSError."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), FILE))


def close_home(home: Path) -> None:
    """Closes the toolkit's own folder, and what an earlier version left open in it, to all other accounts.

    What cannot be closed, because it is not this account's, is told in the log.
    """
    try:
        for name in ("", *_GUARDED_BY_THEIR_FOLDER):
            private_folder(home / name)
    except OSError as exc:
        _log.warning("The toolkit's folder could not be made (%s).", exc)
    for path in _all_in(home):
        try:
            _close(path)
        except OSError as exc:
            _log.warning("%s could not be closed to other accounts (%s).", path, exc.strerror)


def _all_in(home: Path) -> Iterator[Path]:
    yield home
    for folder, folders, names in os.walk(home):
        here = Path(folder)
        yield from (here / name for name in (*folders, *names))
        if here == home:
            folders[:] = [name for name in folders if name not in _GUARDED_BY_THEIR_FOLDER]


def _close(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
        # A link is somebody else's file, for all that is known.
        if (stat.S_ISDIR(mode) or stat.S_ISREG(mode)) and mode & 0o077:
            path.chmod(stat.S_IMODE(mode) & ~0o077)
    except FileNotFoundError:
        # Gone since it was listed.
        return
