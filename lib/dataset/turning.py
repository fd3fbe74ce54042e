"""Undo and redo: an operation's tag files, and the images it brought, go back or come again as one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from lib.dataset.brought import Move, carry_out, plan_moves, remove_empty_folders, take_back
from lib.dataset.files import new_token
from lib.dataset.journal import Brought, FileChange, OperationEntry
from lib.dataset.journaling import CHANGED, as_read, close, failure, history_errors, known, recover
from lib.dataset.locks import locked
from lib.dataset.rewriting import LeftAlone, Refused, Rewrite, Watch, rewrite_all
from lib.dataset.store import Store, cause_of
from lib.dataset.targets import Targets
from lib.domain import ImageRecord
from lib.errors import InvalidInput, WriteFailed

log = logging.getLogger(__name__)

Turning = Literal["pending_undo", "pending_redo"]

_STANDS = {
    "done": "stands already",
    "undone": "is undone already",
    "abandoned": "was never carried out",
    "conflict": "was cut short, and files were changed since",
    "pending": "is still under way",
    "pending_undo": "is being undone",
    "pending_redo": "is being redone",
}


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of an undo or redo. `restored` counts tag files, `images` those that came or went.

    `left_alone` holds (tag file or image, reason).
    """

    operation: int
    restored: int
    left_alone: tuple[tuple[str, str], ...] = ()
    images: int = 0


def turn(store: Store, operation: int | None, state: Turning, watch: Watch) -> Restored:
    """Takes an operation back, or does it again. Raises InvalidInput, WriteFailed, Cancelled."""
    return _Turn(store, _chosen(store, operation, state), state, watch).go()


def _chosen(store: Store, operation: int | None, turning: Turning) -> OperationEntry:
    """The operation to be undone or redone. Raises InvalidInput, saying why there is none."""
    recover(store)
    journal = store.journal
    what, done, needed = ("undo", "undone", "done") if turning == "pending_undo" else ("redo", "redone", "undone")
    if operation is None:
        found = journal.newest_undoable() if what == "undo" else journal.newest_redoable()
        if found is None:
            raise InvalidInput(f"There is nothing to {what}.", "No file was touched.")
        return found
    found = journal.operation(operation)
    if found is None:
        raise InvalidInput(f"There is no operation {operation}.", "The history lists those that there are.")
    if found.kind == "rename":
        raise InvalidInput(
            f"Operation {operation} renamed an image, which cannot be taken back here.",
            "No file was touched. Give the image its old name by renaming it again.",
        )
    if found.state != needed:
        message = f"Operation {operation} cannot be {done}: it {_STANDS[found.state]}."
        raise InvalidInput(message, "No file was touched.")
    return found


class _Turn:
    """One undo or redo."""

    def __init__(self, store: Store, entry: OperationEntry, state: Turning, watch: Watch) -> None:
        self._store = store
        self._journal = store.journal
        self._entry = entry
        self._state: Turning = state
        self._back = state == "pending_undo"
        self._watch = watch
        self._left: LeftAlone = []

    def go(self) -> Restored:
        number = self._entry.operation
        changes = self._journal.file_changes(number)
        images = self._journal.images(number)
        if self._back:
            changes = [FileChange(one.path, one.after, one.before) for one in changes]
        targets = Targets(self._store, len(changes))
        wanted = targets.of_changes(changes, self._left)
        aside = [self._aside()] if images else []
        if not wanted and not aside:
            return Restored(number, 0, tuple(self._left))
        with locked(self._store.locks, *wanted, *aside):
            rewrites: list[Rewrite] = []
            for target, change in wanted.items():
                found = targets.checked_turn(target, change)
                if isinstance(found, str):
                    self._left.append((change.path, found))
                else:
                    rewrites.append(found)
            moves = self._moves(images, changes)
            if not rewrites and not moves:
                # Nothing is taken back, so the operation stands as it did.
                return Restored(number, 0, tuple(self._left))
            skipped = self._write(rewrites, moves, len(changes))
        self._left += [(one.path, CHANGED) for one in skipped]
        gone = {one.path for one in skipped}
        self._note_files([one for one in rewrites if one.path not in gone])
        moved = len({move.image for move in moves})
        return Restored(number, len(rewrites) - len(skipped), tuple(self._left), moved)

    def _aside(self) -> Path:
        return self._store.root / str(self._entry.detail["aside"])

    def _moves(self, images: Sequence[Brought], changes: Sequence[FileChange]) -> list[Move]:
        """The moves of the images whose tag file goes with them."""
        if not images:
            return []
        stay = {path.rpartition(".")[0] for path, _ in self._left}
        with_text = {change.path.rpartition(".")[0] for change in changes}
        records = {record.name: record for record in known(self._store)}
        going: list[Brought] = []
        for image in images:
            record = records.get(image.name) or ImageRecord(image.name)
            if record.stem in stay:
                continue
            if self._back and record.stem not in with_text and self._store.read(record).text.strip():
                self._left.append((image.name, "It has got a caption since."))
                continue
            going.append(image)
        return plan_moves(self._store.root, str(self._entry.detail["aside"]), going, self._left, back=self._back)

    def _write(self, rewrites: list[Rewrite], moves: list[Move], files: int) -> list[Rewrite]:
        token = new_token()
        journal, number = self._journal, self._entry.operation
        with history_errors():
            started = journal.start_turn(number, self._state, token, files)
        if not started:
            raise InvalidInput(
                f"Operation {number} was changed by someone else just now.", "Nothing was touched. Look again."
            )
        try:
            # First what can be taken back whatever happens: a rewrite that fails puts its own files back.
            carry_out(moves)
        except OSError as exc:
            close(partial(journal.cancel_turn, number, self._state))
            cause, hint = cause_of(exc)
            raise WriteFailed(f"The images could not be moved: {cause}.", f"Nothing was changed. {hint}") from exc
        try:
            skipped = rewrite_all(rewrites, token, self._store.files, self._watch) if rewrites else []
        except Refused as exc:
            if exc.put_back and _taken_back(moves):
                close(partial(journal.cancel_turn, number, self._state))
            raise failure(exc) from exc.cause
        # An image stays with its tag file.
        stay = {one.path.rpartition(".")[0] for one in skipped}
        _taken_back([move for move in moves if move.image.rpartition(".")[0] in stay])
        remove_empty_folders(moves)
        close(partial(journal.close_turn, number, "undone" if self._back else "done"))
        return skipped

    def _note_files(self, rewrites: Sequence[Rewrite]) -> None:
        """Tells the dataset what the files hold now."""
        records = {record.sidecar: record for record in known(self._store)}
        for one in rewrites:
            if one.path in records:
                self._store.note(records[one.path], as_read(one.after))


def _taken_back(moves: Sequence[Move]) -> bool:
    try:
        take_back(moves)
    except OSError:
        # The next opening ends what was begun.
        log.warning("images could not be moved back", exc_info=True)
        return False
    return True
