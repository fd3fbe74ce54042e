"""What visitors without a login leave behind goes when they have not come back for as long as uploads are kept."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from contextlib import closing, suppress
from pathlib import Path

from lib.dataset.workspace.uploads import TABLE_COPIES, UPLOADS
from lib.errors import DatabaseFailed
from lib.owners import owners_of
from lib.preferences import Preferences
from lib.settings import Settings

_GRAVE = ".deleted-"
_EMPTY = frozenset({UPLOADS, TABLE_COPIES, "exports", "pushes"})
"""What remains of these folders when their own time was up."""


def expire_visitors(settings: Settings, now: float | None = None) -> list[Path]:
    """Removes the choices and the samples of visitors who did not come back for `upload_days` days; gives the folders.

    What belongs to `local` or to a login stays, and so does everything of a visitor who has words that are not saved.
    Uploads, copies of tables and exports have a time of their own. The history of a folder is never touched. `now` is
    in seconds since the epoch.
    """
    oldest = (time.time() if now is None else now) - settings.upload_days * 86_400
    keep = owners_of(settings.home).folders_to_keep()
    removed: list[Path] = []
    for name in sorted(_names(settings.home) - keep):
        owner, workspace = settings.home / "owners" / name, settings.home / "workspace" / name
        if max(_newest(owner), _newest(workspace)) >= oldest or has_unsaved(owner):
            continue
        if not _is_in_use(workspace):
            removed += [folder for folder in (owner, workspace) if folder.is_dir() and _remove(folder)]
    return removed


def _names(home: Path) -> set[str]:
    places = (home / "owners", home / "workspace")
    found = [path for place in places if place.is_dir() for path in place.iterdir()]
    for path in found:
        if path.name.startswith(_GRAVE):
            shutil.rmtree(path, ignore_errors=True)
    return {path.name for path in found if path.is_dir() and not path.name.startswith(".")}


def _newest(folder: Path) -> float:
    """The time of the latest change below a folder, 0 where there is none."""
    newest = 0.0
    for place, _, files in os.walk(folder):
        for path in (place, *(f"{place}{os.sep}{name}" for name in files)):
            with suppress(OSError):
                newest = max(newest, os.lstat(path).st_mtime)
    return newest


def has_unsaved(owner: Path) -> bool:
    """Whether there are words in an owner's folder that were typed and not saved, as far as can be told."""
    if not owner.is_dir():
        return False
    try:
        with closing(Preferences(owner)) as kept:
            is_unsaved = kept.has_unsaved()
    except DatabaseFailed:
        # For all that is known there are, and others' folders can be looked at all the same.
        return True
    # What could not be read of a damaged file may be such words.
    return is_unsaved or any(owner.glob("*.damaged-*"))


def _is_in_use(workspace: Path) -> bool:
    """Whether uploads, copies or exports are left: their time is not up yet, or a copy was edited."""
    return any(any((workspace / name).glob("[!.]*")) for name in _EMPTY)


def _remove(folder: Path) -> bool:
    # Out of sight in one step: nobody ever sees a folder that is half gone.
    grave = folder.with_name(f"{_GRAVE}{secrets.token_hex(6)}")
    try:
        folder.rename(grave)
    except OSError:
        return False
    shutil.rmtree(grave, ignore_errors=True)
    return True
