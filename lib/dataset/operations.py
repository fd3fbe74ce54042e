"""Changes to many captions as one operation: all of it or none, and undone and redone as a whole."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Literal

from lib.dataset.files import new_token
from lib.dataset.journal import Entry, FileChange, OperationEntry
from lib.dataset.locks import locked
from lib.dataset.rewriting import Refused, Rewrite, Watch, never, rewrite_all, unseen
from lib.dataset.sidecar import MISSING, Sidecar, decode
from lib.dataset.store import Store, cause_of
from lib.dataset.targets import MANY, Edit, LeftAlone, Targets
from lib.domain import ImageRecord, Origin
from lib.errors import Cancelled, InvalidInput, ToolkitError, WriteFailed

__all__ = ["Applied", "Edit", "Operations", "Restored", "never", "unseen"]

log = logging.getLogger(__name__)

_CHANGED = "It was changed by someone else in this moment."
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
class Applied:
    """What became of a bulk edit. `left_alone` holds (image, reason); `operation` is None where nothing changed."""

    operation: int | None
    changed: int
    left_alone: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of an undo or redo. `restored` counts files; `left_alone` holds (tag file, reason)."""

    operation: int
    restored: int
    left_alone: tuple[tuple[str, str], ...] = ()


class Operations:
    """The operations of one dataset, by way of its store. Safe for threads and processes, like the store itself."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._journal = store.journal

    def apply(
        self,
        edits: Sequence[Edit],
        kind: str,
        origin: Origin | None = None,
        *,
        advance: Callable[[int, int], None] = unseen,
        cancelled: Callable[[], bool] = never,
    ) -> Applied:
        """Saves all texts as one operation, in the encoding, BOM and line ends of each file.

        Files that may not be written, or are not as they were planned, are left alone, and the rest go on. Raises
        WriteFailed, or Cancelled where `cancelled` turned true before the first file got its new text; then every file
        is as it was. (Where putting back fails too, the next operation or opening settles it as a whole, by the
        hashes.) `advance` is told (files done, all files) now and then.
        """
        self._recover()
        left: LeftAlone = []
        targets = Targets(self._store, len(edits))
        wanted = targets.of_edits(edits, left)
        with self._locked(list(wanted)):
            rewrites: list[Rewrite] = []
            images: dict[str, ImageRecord] = {}
            for target, (edit, record) in wanted.items():
                found = targets.checked_edit(target, edit, record)
                if isinstance(found, str):
                    left.append((edit.image, found))
                elif found is not None:
                    rewrites.append(found)
                    images[found.path] = record
            if not rewrites:
                return Applied(None, 0, tuple(left))
            rewrites.sort(key=lambda one: one.path)
            operation, skipped = self._write(rewrites, kind, origin or Origin(), Watch(advance, cancelled))
        left += [(images[one.path].name, _CHANGED) for one in skipped]
        gone = {one.path for one in skipped}
        for one in rewrites:
            if one.path not in gone:
                self._store.note(images[one.path], _as_read(one.after))
        changed = len(rewrites) - len(skipped)
        return Applied(operation if changed else None, changed, tuple(left))

    def undo(
        self,
        operation: int | None = None,
        *,
        advance: Callable[[int, int], None] = unseen,
        cancelled: Callable[[], bool] = never,
    ) -> Restored:
        """Gives the files of an operation back what they held before, byte for byte; by default the newest's.

        A file that has changed since is left alone and listed. Raises InvalidInput where there is nothing to undo,
        WriteFailed and Cancelled as `apply` does.
        """
        return self._turn(self._chosen(operation, "done"), "pending_undo", Watch(advance, cancelled))

    def redo(
        self,
        operation: int | None = None,
        *,
        advance: Callable[[int, int], None] = unseen,
        cancelled: Callable[[], bool] = never,
    ) -> Restored:
        """Does an undone operation again, by default the one undone last. Leaves alone and raises as `undo` does."""
        return self._turn(self._chosen(operation, "undone"), "pending_redo", Watch(advance, cancelled))

    def history(self, limit: int = 200) -> list[OperationEntry]:
        """The latest operations, the newest first."""
        return self._journal.operations(limit)

    def changes(self, operation: int) -> list[Entry]:
        """Each file of an operation, before and after."""
        return self._journal.entries(operation)

    def _recover(self) -> None:
        """Settles what a crash left, and tells the dataset of the files that this may have changed."""
        with _history_errors():
            waiting = self._journal.pending()
            if not waiting:
                return
            touched = {change.path for one in waiting for change in self._journal.file_changes(one.operation)}
            self._journal.recover(self._store.root, self._store.locks)
        for record in self._known():
            if record.sidecar in touched:
                self._store.read(record)

    def _known(self) -> list[ImageRecord]:
        return [] if self._store.dataset is None else self._store.dataset.snapshot()[0]

    @contextmanager
    def _locked(self, targets: Sequence[str]) -> Iterator[None]:
        if not targets:
            yield
            return
        with locked(self._store.locks, *targets):
            yield

    def _write(self, rewrites: list[Rewrite], kind: str, origin: Origin, watch: Watch) -> tuple[int, list[Rewrite]]:
        """Writes the operation down, then all its files; gives its number and what was left alone after all."""
        token = new_token()
        journal = self._journal
        with _history_errors():
            changes = [FileChange(one.path, one.before, one.after) for one in rewrites]
            operation = journal.begin(kind, changes, self._store.owner, origin, token=token)
        try:
            skipped = rewrite_all(rewrites, token, self._store.files, watch)
        except Refused as exc:
            if exc.put_back:
                self._close(partial(journal.abandon, operation))
            raise _failure(exc) from exc.cause
        left = [one.path for one in skipped]
        none = len(skipped) == len(rewrites)
        self._close(partial(journal.abandon, operation) if none else partial(journal.finish, operation, left))
        self._trim(len(rewrites))
        return operation, skipped

    def _chosen(self, operation: int | None, state: Literal["done", "undone"]) -> OperationEntry:
        """The operation to be undone (`done`) or redone (`undone`). Raises InvalidInput, saying why there is none."""
        self._recover()
        what = "undo" if state == "done" else "redo"
        if operation is None:
            found = self._journal.newest_undoable() if state == "done" else self._journal.newest_redoable()
            if found is None:
                raise InvalidInput(f"There is nothing to {what}.", "No file was touched.")
            return found
        found = self._journal.operation(operation)
        if found is None:
            raise InvalidInput(f"There is no operation {operation}.", "The history lists those that there are.")
        if found.kind == "rename":
            raise InvalidInput(
                f"Operation {operation} renamed an image, which cannot be taken back here.",
                "No file was touched. Give the image its old name by renaming it again.",
            )
        if found.state != state:
            verb = "undone" if state == "done" else "redone"
            message = f"Operation {operation} cannot be {verb}: it {_STANDS[found.state]}."
            raise InvalidInput(message, "No file was touched.")
        return found

    def _turn(self, entry: OperationEntry, state: Literal["pending_undo", "pending_redo"], watch: Watch) -> Restored:
        """Takes an operation back, or does it again."""
        left: LeftAlone = []
        changes = self._journal.file_changes(entry.operation)
        targets = Targets(self._store, len(changes))
        if state == "pending_undo":
            changes = [FileChange(one.path, one.after, one.before) for one in changes]
        wanted = targets.of_changes(changes, left)
        with self._locked(list(wanted)):
            rewrites: list[Rewrite] = []
            for target, change in wanted.items():
                found = targets.checked_turn(target, change)
                if isinstance(found, str):
                    left.append((change.path, found))
                else:
                    rewrites.append(found)
            if not rewrites:
                # Nothing is taken back, so the operation stands as it did.
                return Restored(entry.operation, 0, tuple(left))
            skipped = self._write_turn(entry.operation, state, rewrites, len(changes), watch)
        left += [(one.path, _CHANGED) for one in skipped]
        gone = {one.path for one in skipped}
        self._note_files([one for one in rewrites if one.path not in gone])
        return Restored(entry.operation, len(rewrites) - len(skipped), tuple(left))

    def _write_turn(
        self,
        operation: int,
        state: Literal["pending_undo", "pending_redo"],
        rewrites: list[Rewrite],
        files: int,
        watch: Watch,
    ) -> list[Rewrite]:
        token = new_token()
        journal = self._journal
        with _history_errors():
            started = journal.start_turn(operation, state, token, files)
        if not started:
            raise InvalidInput(
                f"Operation {operation} was changed by someone else just now.", "Nothing was touched. Look again."
            )
        try:
            skipped = rewrite_all(rewrites, token, self._store.files, watch)
        except Refused as exc:
            if exc.put_back:
                self._close(partial(journal.cancel_turn, operation, state))
            raise _failure(exc) from exc.cause
        self._close(partial(journal.close_turn, operation, "undone" if state == "pending_undo" else "done"))
        return skipped

    def _note_files(self, rewrites: Sequence[Rewrite]) -> None:
        """Tells the dataset what the files hold now."""
        records = {record.sidecar: record for record in self._known()}
        for one in rewrites:
            if one.path in records:
                self._store.note(records[one.path], _as_read(one.after))

    def _close(self, how: Callable[[], None]) -> None:
        try:
            how()
        except sqlite3.Error:
            # The files are what counts; the journal settles this at the next operation or opening.
            log.warning("an operation stays pending", exc_info=True)

    def _trim(self, files: int) -> None:
        if files >= MANY:
            with suppress(sqlite3.Error):
                self._journal.trim()


def _as_read(data: bytes | None) -> Sidecar:
    return MISSING if data is None else decode(data)


@contextmanager
def _history_errors() -> Iterator[None]:
    """Raises WriteFailed where the journal cannot be written, which is before any file is touched."""
    try:
        yield
    except (sqlite3.Error, OSError) as exc:
        raise WriteFailed(
            f"Nothing was changed, because the history could not be written ({exc}).",
            "All texts are as they were. Make sure that the disk has space, and try again.",
        ) from exc


def _failure(refused: Refused) -> ToolkitError:
    if isinstance(refused.cause, Cancelled):
        return refused.cause
    cause, hint = cause_of(refused.cause)
    if refused.put_back:
        kept = "No caption was changed: all files hold what they held before."
    else:
        kept = "Some files could not be put back either: the history has all texts, and the next opening settles it."
    return WriteFailed(f"The captions could not be saved: at “{refused.path}” {cause}.", f"{kept} {hint}")
