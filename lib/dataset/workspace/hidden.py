"""A hidden folder for files that have no name yet: whatever cuts the work short, it is gone sooner or later."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from lib.files import TEMP_PREFIX, temp_beside
from lib.settings import Settings

_PART = ".part"
_PLACES = ("pushes", "workspace/*", "workspace/*/pushes", "workspace/*/exports/*", "workspace/*/uploads/*")
"""Where the toolkit itself makes hidden folders, below its home."""


@contextmanager
def hidden_folder(parent: Path) -> Iterator[Path]:
    """A new folder in `parent` (made where needed) that is removed when the block ends.

    Those of processes that were killed meanwhile are removed first. Raises OSError.
    """
    parent.mkdir(parents=True, exist_ok=True)
    _clear(parent)
    hidden = temp_beside(parent / "x")
    (hidden / "files").mkdir(parents=True)
    folder = hidden.with_name(hidden.name + _PART)
    with FileLock(hidden / "lock"):
        # Only now, with its lock held, may it be seen by those who look for what is stale.
        hidden.rename(folder)
        try:
            yield folder / "files"
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def clear_hidden(settings: Settings) -> None:
    """Removes, for all owners, the hidden folders of processes that were killed; those in use stay."""
    for place in _PLACES:
        for parent in settings.home.glob(place):
            _clear(parent)


def _clear(parent: Path) -> None:
    for stale in parent.glob(f"{TEMP_PREFIX}*{_PART}"):
        # Its lock is held as long as the process lives that writes there.
        with suppress(Timeout, OSError), FileLock(stale / "lock", timeout=0):
            shutil.rmtree(stale)
