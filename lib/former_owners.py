"""What journals and runs hold under the names that owners had before is theirs under the names that they have now."""

from __future__ import annotations

import logging
import mmap
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from lib.dataset.journal.journal import Journal
from lib.errors import DatabaseFailed
from lib.jobs.ledger import Ledger
from lib.owners import FORMER_VISITOR, owners_of
from lib.settings import Settings

_HIDDEN = "no cookie is written down"

_log = logging.getLogger(__name__)


def hide_cookies(settings: Settings) -> None:
    """Once in the life of a toolkit folder: no cookie of a visitor stands in it any more, and all is theirs still.

    What cannot be written now is done the next time.
    """
    owners = owners_of(settings.home)
    files = list(_files(settings))
    if not files or owners.is_done(_HIDDEN):
        return

    def hidden(owner: str) -> str:
        cookie = owner.removeprefix(FORMER_VISITOR)
        return owners.visitor_name(cookie) if cookie != owner else owner

    done = [_rename_in(file, hidden) and _is_rid_of(file, FORMER_VISITOR) for file in files]
    if all(done):
        owners.note_done(_HIDDEN)


def take_over(settings: Settings, owner: str) -> None:
    """What journals and runs hold under the e-mail of a login becomes that of its owner. Safe to repeat."""
    owners = owners_of(settings.home)
    if not (former := owners.to_take_over(owner)):
        return
    done = [_rename_in(file, lambda by: owner if by == former else by) for file in _files(settings)]
    if all(done):
        owners.note_taken_over(owner)


def _files(settings: Settings) -> Iterator[Path]:
    yield from sorted(settings.journals.glob("*.sqlite"))
    if (ledger := settings.home / "runs.sqlite").is_file():
        yield ledger


def _opened(path: Path) -> Journal | Ledger:
    return Ledger(path) if path.name == "runs.sqlite" else Journal(path)


def _rename_in(path: Path, new_name: Callable[[str], str]) -> bool:
    try:
        with closing(_opened(path)) as book:
            book.rename_owners(new_name)
    except (DatabaseFailed, OSError) as exc:
        _log.warning("Owners in %s still have their former names (%s).", path, exc)
        return False
    return True


def _is_rid_of(path: Path, text: str) -> bool:
    """Whether a text is nowhere in a SQLite file, not even where a row was changed or deleted."""
    try:
        with closing(_opened(path)) as book:
            if _holds(path, text.encode()) or _holds(path.with_name(path.name + "-wal"), text.encode()):
                book.rewrite()
    except (DatabaseFailed, OSError) as exc:
        _log.warning("Former names of owners may still be read in %s (%s).", path, exc)
        return False
    return True


def _holds(path: Path, text: bytes) -> bool:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            return view.find(text) >= 0
    except (FileNotFoundError, ValueError):
        # An empty file cannot be mapped, and holds nothing.
        return False
