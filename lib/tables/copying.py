"""A table at an address, copied to this machine to be opened: pages edit and sort it without asking a bucket each time.

A copy is called after its address and what lay there, so the same table is copied once, and one that changed in the
bucket makes another copy. Edits stay with the copy that they were made in: nothing is written to the address.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

from lib.dataset.workspace.uploads import TABLE_COPIES, UploadSpace
from lib.dataset.workspace.visitors import has_unsaved
from lib.errors import Cancelled, InvalidInput
from lib.files import FILES, TEMP_PREFIX, new_token, write_errors
from lib.owners import owners_of
from lib.parts.job import JOB_FILE
from lib.places import DataPlace, Entry, place_at
from lib.private import private_folder
from lib.progress import NOBODY, Progress
from lib.settings import Settings
from lib.tables.opening import is_table
from lib.tables.overlay import overlay_folder
from lib.tables.reading import ENDING, list_files, stamp_of
from lib.urls import Url

MOST_BYTES = 20_000_000_000
"""Of a table that is copied: larger ones are cut, or opened where they lie by the command line."""
_PIECE = 4 << 20
_NOTHING = "Nothing of it was kept here."


def copy_table(url: Url, folder: Path, progress: Progress = NOBODY, most: int = MOST_BYTES) -> Path:
    """The copy of a table below a folder, made now unless it is there: a Parquet file, or a folder with parts.

    `progress` hears of bytes, of which there may be `most`. Raises InvalidInput for what is no table or too large,
    PlaceFailed, MissingDependency, WriteFailed, Cancelled; then nothing of it is left.
    """
    above, _, last = url.path.rpartition("/")
    only = last if last.lower().endswith(ENDING) and above else ""
    place = place_at(Url(url.scheme, above) if only else url)
    entries = list_files(place, only)
    if not entries:
        raise InvalidInput(f"There is no table at {url}.", "Give a Parquet file, or a folder with parts of one.")
    if any("/" in entry.name for entry in entries):
        raise InvalidInput(f"The files of {url} lie in several folders.", "Give one of them.")
    digest = hashlib.sha256(f"{url}\n{stamp_of(entries)}".encode()).hexdigest()[:12]
    name = re.sub(r"[^\w.-]", "_", last.removesuffix(ENDING))[:60].strip(".") or "table"
    copy = folder / f"{name}-{digest}"
    with write_errors(f"{url} cannot be copied", _NOTHING):
        if not copy.is_dir():
            private_folder(folder)
            _refuse_too_large(url, sum(entry.size for entry in entries), most, folder)
            _copied(place, entries, copy, progress)
    found = copy / entries[0].name if len(entries) == 1 and not (copy / JOB_FILE).is_file() else copy
    if not is_table(found):
        raise InvalidInput(f"The Parquet files of {url} are no parts of one table.", "Give one of them.")
    return found


def note_opened(root: Path, settings: Settings, owner: str) -> None:
    """Notes that a copy is in use, when it is opened; other tables are ignored."""
    UploadSpace(settings, owner, TABLE_COPIES).touch(root)


def expire_copies(settings: Settings, now: float | None = None) -> list[Path]:
    """Removes the copies that visitors made and did not open for `upload_days` days; gives their folders.

    What was edited stays, and so does what belongs to `local` or to a login, or to a visitor who has words that are
    not saved. `now` is in seconds since the epoch.
    """
    keep = owners_of(settings.home).folders_to_keep()
    removed: list[Path] = []
    for space in UploadSpace.every(settings, TABLE_COPIES):
        owner = space.root.parent.name
        if owner not in keep and not has_unsaved(settings.home / "owners" / owner):
            names = space.expire(now, lambda copy: _has_edits(copy, settings.home))
            removed += [space.root / name for name in names]
    return removed


def _has_edits(copy: Path, home: Path) -> bool:
    """Also edits that were taken back, or folded into the copy: who wrote them may want them again."""
    roots = [copy, *copy.glob(f"*{ENDING}")]
    return any(overlay_folder(root, home).is_dir() for root in roots)


def copied_bytes(folder: Path) -> int:
    """What the copies below a folder take."""
    return sum(path.stat().st_size for path in folder.rglob(f"*{ENDING}") if path.is_file())


def _refuse_too_large(url: Url, size: int, most: int, folder: Path) -> None:
    if size > most:
        raise InvalidInput(
            f"The table at {url} has {size / 1e6:,.1f} MB, and {max(0, most) / 1e6:,.1f} may be copied here.",
            "Nothing was copied. Give one of its parts.",
        )
    if size > 0.9 * (free := shutil.disk_usage(folder).free):
        raise InvalidInput(
            f"The table at {url} has {size / 1e9:,.1f} GB, and there is room for {free / 1e9:,.1f}.",
            "Nothing was copied. Free some space first.",
        )


def _copied(place: DataPlace, entries: list[Entry], copy: Path, progress: Progress) -> None:
    """All files under a hidden name, and then the name: a copy is there whole or not at all."""
    hidden = copy.with_name(f"{TEMP_PREFIX}{new_token()}")
    hidden.mkdir()
    try:
        total, done = sum(entry.size for entry in entries), 0
        if (job := place.read(JOB_FILE)) is not None:
            (hidden / JOB_FILE).write_bytes(job)
        for entry in entries:
            with place.open(entry.name) as source, (hidden / entry.name).open("wb") as target:
                while piece := source.read(_PIECE):
                    if progress.is_cancelled():
                        raise Cancelled("The table was not copied.", _NOTHING)
                    target.write(piece)
                    done += len(piece)
                    progress.advance(done, max(total, done))
        FILES.sync_many(sorted(hidden.iterdir()))
        hidden.rename(copy)
        FILES.sync_folder(copy.parent)
    except OSError:
        # Another tab may have made the same one meanwhile.
        if not copy.is_dir():
            raise
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
