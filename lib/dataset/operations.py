"""Changes to many captions as one operation: all of it or none, and undone and redone as a whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

from lib.dataset.files import new_token
from lib.dataset.journal import Brought, Entry, FileChange, OperationEntry
from lib.dataset.journaling import CHANGED, as_read, close, failure, history_errors, recover
from lib.dataset.locks import locked
from lib.dataset.rewriting import LeftAlone, Refused, Rewrite, Watch, never, rewrite_all, unseen
from lib.dataset.store import Store
from lib.dataset.targets import MANY, Edit, Targets
from lib.dataset.turning import Restored, turn
from lib.domain import ImageRecord, Origin

__all__ = ["Applied", "Bringing", "Edit", "Operations", "Restored", "never", "unseen"]


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a bulk edit. `left_alone` holds (image, reason); `operation` is None where nothing changed."""

    operation: int | None
    changed: int
    left_alone: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Bringing:
    """The images that came into the dataset before their captions, and where those lie that had to make way.

    `aside` is a folder relative to the dataset.
    """

    images: Sequence[Brought]
    aside: str


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
        brought: Bringing | None = None,
        advance: Callable[[int, int], None] = unseen,
        cancelled: Callable[[], bool] = never,
    ) -> Applied:
        """Saves all texts as one operation, in the encoding, BOM and line ends of each file.

        The images that were `brought` are of this operation, and its undo takes them away again.

        Files that may not be written, or are not as they were planned, are left alone, and the rest go on. Raises
        WriteFailed, or Cancelled where `cancelled` turned true before the first file got its new text; then every file
        is as it was. (Where putting back fails too, the next operation or opening settles it as a whole, by the
        hashes.) `advance` is told (files done, all files) now and then.
        """
        recover(self._store)
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
            if not rewrites and brought is None:
                return Applied(None, 0, tuple(left))
            rewrites.sort(key=lambda one: one.path)
            operation, skipped = self._write(rewrites, kind, origin or Origin(), brought, Watch(advance, cancelled))
        left += [(images[one.path].name, CHANGED) for one in skipped]
        gone = {one.path for one in skipped}
        for one in rewrites:
            if one.path not in gone:
                self._store.note(images[one.path], as_read(one.after))
        changed = len(rewrites) - len(skipped)
        return Applied(operation if changed or brought is not None else None, changed, tuple(left))

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
        return turn(self._store, operation, "pending_undo", Watch(advance, cancelled))

    def redo(
        self,
        operation: int | None = None,
        *,
        advance: Callable[[int, int], None] = unseen,
        cancelled: Callable[[], bool] = never,
    ) -> Restored:
        """Does an undone operation again, by default the one undone last. Leaves alone and raises as `undo` does."""
        return turn(self._store, operation, "pending_redo", Watch(advance, cancelled))

    def history(self, limit: int = 200) -> list[OperationEntry]:
        """The latest operations, the newest first."""
        return self._journal.operations(limit)

    def changes(self, operation: int) -> list[Entry]:
        """Each file of an operation, before and after."""
        return self._journal.entries(operation)

    @contextmanager
    def _locked(self, targets: Sequence[str]) -> Iterator[None]:
        if not targets:
            yield
            return
        with locked(self._store.locks, *targets):
            yield

    def _write(
        self, rewrites: list[Rewrite], kind: str, origin: Origin, brought: Bringing | None, watch: Watch
    ) -> tuple[int, list[Rewrite]]:
        """Writes the operation down, then all its files; gives its number and what was left alone after all."""
        token = new_token()
        journal = self._journal
        images = brought.images if brought is not None else ()
        detail = {"aside": brought.aside, "images": len(images)} if brought is not None else None
        with history_errors():
            changes = [FileChange(one.path, one.before, one.after) for one in rewrites]
            operation = journal.begin(kind, changes, self._store.owner, origin, detail, token, images)
        try:
            skipped = rewrite_all(rewrites, token, self._store.files, watch) if rewrites else []
        except Refused as exc:
            if exc.put_back:
                close(partial(journal.abandon, operation))
            raise failure(exc) from exc.cause
        left = [one.path for one in skipped]
        none = len(skipped) == len(rewrites) and brought is None
        close(partial(journal.abandon, operation) if none else partial(journal.finish, operation, left))
        self._trim(len(rewrites))
        return operation, skipped

    def _trim(self, files: int) -> None:
        if files >= MANY:
            with suppress(sqlite3.Error):
                self._journal.trim()
