"""Settles what a crash left half-done: every operation ends as a whole, and nobody else's words are touched."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from lib.dataset.journal.journal import Journal
from lib.dataset.journal.rows import PendingOperation
from lib.dataset.saving.imported_images import ImageLocations, carry_out
from lib.dataset.tag_files.locks import locked
from lib.dataset.tag_files.paths import inside_root, real_sidecar
from lib.dataset.tag_files.presence import Presence, is_away
from lib.dataset.tag_files.rewriting import (
    FileRewrite,
    RewriteRefused,
    hash_on_disk,
    put_back,
    remove_temps,
    rewrite_all,
    status_of,
)
from lib.dataset.tag_files.sidecar import hash_of
from lib.errors import WriteFailed
from lib.files import FILES, new_token

log = logging.getLogger(__name__)

OVERLAY = "overlay"
"""In the detail of an operation on a table, which has no files to look at: whoever opens the table settles it."""

_WAIT_S = 5.0
"""How long to wait for the files of an operation. Whoever holds them longer is alive, and so is the operation."""


_at_work: set[str] = set()
"""The tokens of the operations that threads of this process are at work on."""


@contextmanager
def under_way() -> Iterator[str]:
    """A token for an operation that is begun and ended within: nobody in this process takes it for one cut short."""
    token = new_token()
    _at_work.add(token)
    try:
        yield token
    finally:
        _at_work.discard(token)


def cut_short(journal: Journal) -> list[PendingOperation]:
    """The operations on files that have not ended, but for those that this process is at work on."""
    return [one for one in journal.pending() if not at_work(one.token) and OVERLAY not in one.detail]


def at_work(token: str) -> bool:
    """Whether a thread of this process is at work on the operation with a token."""
    return token in _at_work


def recover(journal: Journal, root: Path, locks: Path | None = None) -> list[int]:
    """Settles what a crash left pending; gives the operations that could not be.

    An operation ends as a whole. All files as after: done. Else those that are get their old text back: abandoned. An
    undo or redo that was begun is ended. Only files whose hash is the recorded one are touched; where some fit neither
    side the operation is a conflict, and both texts stay in the journal. With `locks` (the folder of the lock files)
    operations of other living processes are waited for. Those of this one are left to those who are at work on them:
    whoever opens a folder in the middle of a bulk edit need not wait for its end. In a folder that is away nothing is
    settled until it is back.
    """
    root, unsettled = root.resolve(), []
    waiting = cut_short(journal)
    if waiting and is_away(root):
        return [pending.operation for pending in waiting]
    for pending in waiting:
        try:
            if not _settle(journal, root, pending, locks):
                unsettled.append(pending.operation)
        except (OSError, WriteFailed, RewriteRefused):
            # It stays pending, and the next opening tries again.
            log.warning("operation %d cannot be settled now", pending.operation, exc_info=True)
            unsettled.append(pending.operation)
    return unsettled


def _settle(journal: Journal, root: Path, pending: PendingOperation, locks: Path | None) -> bool:
    rewrites, astray = _rewrites(journal, root, pending)
    held: list[str | Path] = [one.target for one in rewrites]
    presence = Presence([root / "x"])
    if pending.kind == "rename":
        held.append(inside_root(root, pending.detail["to"]))
    if "aside" in pending.detail:
        held.append(inside_root(root, pending.detail["aside"]))
    with locked(locks, *held, wait=_WAIT_S) if locks is not None and held else nullcontext():
        if journal.state_of(pending.operation) != pending.state:
            # Somebody was at work on it, not dead, and has ended it by now.
            return True
        if pending.token:
            remove_temps(rewrites, pending.token)
        if pending.kind == "rename":
            return _close_rename(journal, root, pending, rewrites, presence)
        if pending.direction is not None:
            _finish_undo_redo(journal, root, pending, rewrites, presence)
            return True
        return _roll_back(journal, root, pending, rewrites, astray, presence)


def _rewrites(journal: Journal, root: Path, pending: PendingOperation) -> tuple[list[FileRewrite], bool]:
    """The files of an operation in the direction it was going, and whether some are out of reach."""
    found, astray = [], False
    for change in journal.file_changes(pending.operation):
        try:
            target = str(real_sidecar(root, change.path))
        except WriteFailed:
            astray = True
            continue
        before, after = change.before, change.after
        if pending.direction == "undo":
            before, after = after, before
        found.append(FileRewrite(change.path, target, before, after))
    return found, astray


def _finish_undo_redo(
    journal: Journal, root: Path, pending: PendingOperation, rewrites: list[FileRewrite], presence: Presence
) -> None:
    """Ends an undo or a redo that was cut short: it came to nothing if nothing has got its goal, else it goes on.

    What it had left alone is written down with it, and is left alone again.
    """
    direction = pending.direction or "undo"
    stay = set(pending.detail.get("left", ()))
    going = [(one, hash_on_disk(one.target)) for one in rewrites if one.path not in stay]
    images = [image for image in journal.images(pending.operation) if image.sidecar not in stay]
    locations = ImageLocations(root, pending.detail.get("aside", ""))
    begun = any(now == hash_of(one.after) for one, now in going)
    if not begun and not locations.any_moved(images, direction):
        presence.check()
        journal.cancel_undo_redo(pending.operation, direction)
        return
    found = [locations.undo_redo_moves(image, direction) for image in images]
    carry_out([move for moves in found if not isinstance(moves, str) for move in moves])
    left = [replace(one, info=status_of(one.target, FILES)) for one, now in going if now == hash_of(one.before)]
    rewrite_all(left, pending.token, FILES)
    if images:
        locations.tidy(pending.detail.get("folders", ()) if direction == "undo" else ())
    presence.check()
    journal.finish_undo_redo(pending.operation, direction)


def _roll_back(
    journal: Journal,
    root: Path,
    pending: PendingOperation,
    rewrites: list[FileRewrite],
    astray: bool,
    presence: Presence,
) -> bool:
    """All files as after: done. Else those that are get their old text back, which abandons the operation.

    The images that came with it are of one piece with the files.
    """
    number = pending.operation
    images = journal.images(number)
    locations = ImageLocations(root, pending.detail.get("aside", ""))
    sides = [_side(journal, number, one) for one in rewrites]
    if not astray and all(side == "after" for side in sides) and locations.are_in_sight(images):
        journal.finish(number)
        return True
    put_back(rewrites, pending.token or f"{number:x}", FILES)
    moves, is_clear = locations.roll_back(images)
    carry_out(moves)
    known = not astray and all(sides) and is_clear
    presence.check()
    journal.abandon(number) if known else journal.mark_conflict(number)
    if images and known:
        locations.tidy(pending.detail.get("folders", ()), with_undone=True)
    return known


def _side(journal: Journal, operation: int, one: FileRewrite) -> str:
    """Whether a file is as before or as after an operation, "" for neither.

    Where a later operation has changed the file, what that one found there is what counts.
    """
    sides = {hash_of(one.before): "before", hash_of(one.after): "after"}
    found = hash_on_disk(one.target)
    if found not in sides:
        found = journal.found_by_next(operation, one.path)
    return sides.get(found or "", "") if found is not None else ""


def _close_rename(
    journal: Journal, root: Path, pending: PendingOperation, rewrites: list[FileRewrite], presence: Presence
) -> bool:
    """Ends a rename that was cut short: the image has the new name, or nothing of it remains."""
    old, new = root / pending.detail["from"], root / pending.detail["to"]
    if not os.path.lexists(new):
        put_back(rewrites, pending.token, FILES)
        presence.check()
        journal.abandon(pending.operation)
        return True
    same = os.path.lexists(old) and not old.is_symlink() and not new.is_symlink() and old.samefile(new)
    if same:
        old.unlink()
    if same or not os.path.lexists(old):
        journal.finish(pending.operation)
        return True
    journal.mark_conflict(pending.operation)
    return False
