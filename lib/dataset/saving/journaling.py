"""What every operation does with the journal: settle what a crash left, write down first, close at the end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from lib.dataset.saving import recovery
from lib.dataset.saving.imported_images import Move, take_back
from lib.dataset.saving.store import Store
from lib.dataset.tag_files.rewriting import FileRewrite, RewriteRefused, rewrite_all
from lib.dataset.tag_files.sidecar import MISSING, Sidecar, decode
from lib.domain import ImageRecord
from lib.errors import Cancelled, DatabaseFailed, ToolkitError, WriteFailed
from lib.files import Files, cause_of
from lib.progress import Progress

log = logging.getLogger(__name__)

CHANGED = "It was changed by someone else in this moment."


def recover(store: Store) -> None:
    """Settles what a crash left, and tells the dataset of the files that this may have changed. Raises WriteFailed."""
    journal = store.journal
    with history_errors():
        waiting = recovery.cut_short(journal)
        if not waiting:
            return
        touched = {change.path for one in waiting for change in journal.file_changes(one.operation)}
        recovery.recover(journal, store.root, store.locks)
    for record in known(store):
        if record.sidecar in touched:
            store.read(record)


def known(store: Store) -> Sequence[ImageRecord]:
    """The records of the store's dataset, none where it has no dataset."""
    return [] if store.dataset is None else store.dataset.snapshot()


def as_read(data: bytes | None) -> Sidecar:
    """A tag file's content as if it had been read just now, None for no file."""
    return MISSING if data is None else decode(data)


@contextmanager
def history_errors() -> Iterator[None]:
    """Raises WriteFailed where the journal cannot be written, which is before any file is touched."""
    try:
        yield
    except (DatabaseFailed, OSError) as exc:
        why = exc.message if isinstance(exc, DatabaseFailed) else str(exc)
        raise WriteFailed(
            f"Nothing was changed, because the history could not be written. {why}",
            "All texts are as they were. Make sure that the disk has space, and try again.",
        ) from exc


def close(how: Callable[[], None]) -> None:
    """Closes an operation in the journal, or leaves that to the next operation or opening."""
    try:
        how()
    except DatabaseFailed:
        # The files are what counts.
        log.warning("an operation stays pending", exc_info=True)


def taken_back(moves: Sequence[Move]) -> bool:
    """Makes the moves of images the other way round; false where that fails, which the next opening settles."""
    try:
        take_back(moves)
    except OSError:
        log.warning("images could not be moved back", exc_info=True)
        return False
    return True


def rewrite_or_put_back(
    rewrites: Sequence[FileRewrite], token: str, files: Files, progress: Progress, moves: Sequence[Move]
) -> list[FileRewrite]:
    """Rewrites the tag files of images that were moved; where that fails the images are moved back.

    Raises RewriteRefused. Gives the files that were left alone, since another program changed them in this moment.
    """
    if not rewrites:
        return []
    try:
        return rewrite_all(rewrites, token, files, progress)
    except RewriteRefused as exc:
        raise RewriteRefused(exc.path, exc.cause, put_back=exc.put_back and taken_back(moves)) from exc


def failure(refused: RewriteRefused) -> ToolkitError:
    """What to tell of an operation that ended before its end."""
    if isinstance(refused.cause, Cancelled):
        return refused.cause
    cause, hint = cause_of(refused.cause)
    if refused.put_back:
        kept = "Nothing was changed: all files hold what they held before."
    else:
        kept = "It may be done by half: the history has all texts, and the next opening settles it, all or nothing."
    return WriteFailed(f"It could not be saved: at “{refused.path}” {cause}.", f"{kept} {hint}")
