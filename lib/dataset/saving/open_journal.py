"""The journal of a folder, one for each process; what a crash left in it is settled whenever the folder is opened."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import OrderedDict
from pathlib import Path

from lib.dataset.journal.journal import Journal
from lib.dataset.saving.recovery import recover
from lib.errors import DatabaseFailed
from lib.settings import Settings

log = logging.getLogger(__name__)


def _prune(journal: Journal, settings: Settings) -> None:
    try:
        journal.prune(settings.history_days, settings.history_mb)
    except (DatabaseFailed, OSError):
        # Somebody else is at work in it, or the disk is full: the next opening will do.
        log.warning("the history was not pruned", exc_info=True)


_KEPT_OPEN = 32

_open: OrderedDict[Path, Journal] = OrderedDict()
_open_lock = threading.Lock()


def journal_path(root: Path, settings: Settings) -> Path:
    """Where the journal of a dataset's folder is, or would be."""
    name = hashlib.sha256(str(root.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return settings.journals / f"{name}.sqlite"


def journal_for(root: Path, settings: Settings) -> Journal:
    """The journal of a dataset's folder, one for each process; what a crash left is settled at every opening."""
    real = root.resolve()
    journal, first = _journal(journal_path(real, settings))
    # Outside the lock: this may wait for another process, and other folders must open meanwhile.
    recover(journal, real, settings.locks)
    if first:
        _prune(journal, settings)
    return journal


def journal_as_it_is(root: Path, settings: Settings) -> Journal:
    """The same without settling anything: for whoever only asks, and must not wait for others at work."""
    return _journal(journal_path(root, settings))[0]


def _journal(path: Path) -> tuple[Journal, bool]:
    """A journal, and whether this is its first opening in this process."""
    with _open_lock:
        first = path not in _open
        journal = _open.setdefault(path, Journal(path))
        _open.move_to_end(path)
        # All journals stay known, but only those in use keep their file open; a closed one opens itself again.
        for rested in list(_open.values())[:-_KEPT_OPEN]:
            rested.close()
    return journal, first
