"""A hidden folder for files that have no name yet: whatever cuts the work short, it is gone sooner or later."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from lib.errors import DatasetError
from lib.files import TEMP_PREFIX, temp_beside
from lib.images import IMAGE_SUFFIXES
from lib.settings import Settings

_PART = ".part"
_PLACES = ("pushes", "workspace/*", "workspace/*/pushes", "workspace/*/exports/*", "workspace/*/uploads/*")
"""Where the toolkit itself makes hidden folders, below its home."""

_OURS = re.compile(re.escape(TEMP_PREFIX) + r"[0-9a-f]{12}(\.part)?")
_DAY_S = 86_400
_BEGUN = "begun"
"""An empty file whose time says when the folder was made."""

_STAGED = re.compile(r"\d{8}(\.\w+)?")
"""How an import names the copies that it makes."""


@contextmanager
def hidden_folder(parent: Path, *, is_made: bool = True) -> Iterator[Path]:
    """A new folder in `parent` that is removed when the block ends. `is_made`: the parent, where it is not there.

    What processes left that were killed more than a day ago is removed first. Raises OSError.
    """
    if is_made:
        parent.mkdir(parents=True, exist_ok=True)
    clear_killed(parent)
    hidden = temp_beside(parent / "x")
    folder = hidden.with_name(hidden.name + _PART)
    try:
        hidden.mkdir()
        (hidden / "files").mkdir()
        # Whoever leaves the block may be another thread than the one that entered it.
        with FileLock(hidden / "lock", thread_local=False):
            (hidden / _BEGUN).touch()
            # Only now, with its lock held, may it be seen by those who look for what is stale.
            hidden.rename(folder)
            yield folder / "files"
    finally:
        for made in (hidden, folder):
            shutil.rmtree(made, ignore_errors=True)


def clear_hidden(settings: Settings) -> None:
    """Removes, for all owners, the hidden folders of processes that were killed; those in use stay.

    Below the toolkit's home nobody else writes, and no other machine: a lock that is free is enough.
    """
    for place in _PLACES:
        for parent in settings.home.glob(place):
            for stale in parent.glob(f"{TEMP_PREFIX}*{_PART}"):
                _remove(stale)


def clear_killed(folder: Path, now: float | None = None) -> list[Path]:
    """Removes from a user's folder what imports and exports left there that were killed more than a day ago.

    Only what has our kind of name and our lock file in it, which nobody holds; a day, since the lock of another machine
    may not be seen on a network share. One that holds pictures which were not written there stays, and is given back.
    `now` is in seconds since the epoch.
    """
    latest = (time.time() if now is None else now) - _DAY_S
    kept = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not (entry.name.startswith(TEMP_PREFIX) and _OURS.fullmatch(entry.name)):
                continue
            stale = Path(entry.path)
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False) and _is_left(stale, latest):
                    if _holds_others(stale):
                        kept.append(stale)
                    else:
                        _remove(stale)
    return sorted(kept)


def pictures_left(kept: Sequence[Path]) -> DatasetError | None:
    """What to tell of hidden folders that stay since pictures were moved into them, None where there are none."""
    if not kept:
        return None
    names = ", ".join(f"“{path.name}”" for path in kept)
    return DatasetError(
        f"An import that was cut short has left pictures in a hidden folder: {names}.",
        "They were moved there, so nothing was deleted. Move them where they belong, then delete the folder.",
    )


def _is_left(stale: Path, latest: float) -> bool:
    """Whether our lock file lies there, and nothing has happened there since. Raises OSError."""
    if not (stale / "lock").is_file():
        return False
    return all(path.lstat().st_mtime < latest for path in (stale, *stale.iterdir()))


def _holds_others(stale: Path) -> bool:
    """Whether pictures lie there that were moved there, not written: they are older than the folder.

    Folders of earlier versions do not tell their age; there only what has the name of an import's copy is its copy.
    """
    begun = (stale / _BEGUN).lstat().st_mtime if (stale / _BEGUN).exists() else None
    for place, _, names in os.walk(stale):
        for name in names:
            path = Path(place, name)
            if path.suffix.lower() not in IMAGE_SUFFIXES:
                continue
            if not _STAGED.fullmatch(name) if begun is None else path.lstat().st_mtime < begun:
                return True
    return False


def _remove(stale: Path) -> None:
    # Its lock is held as long as the process lives that writes there.
    with suppress(Timeout, OSError), FileLock(stale / "lock", timeout=0):
        shutil.rmtree(stale)
