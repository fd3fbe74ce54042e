"""Changes to many rows of a table as one operation, which is one file of its overlay: all of it or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from lib.dataset.journal.rows import Direction, FileChange, MarkWish
from lib.dataset.saving.imported_images import StagedImages
from lib.dataset.saving.journaling import CHANGED, close, history_errors
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.operations import Applied, Operations, carried_out_by
from lib.dataset.saving.recovery import OVERLAY, under_way
from lib.dataset.saving.store import Store
from lib.dataset.saving.targets import Edit
from lib.dataset.saving.undo_redo import Restored, chosen, undo_or_redo
from lib.dataset.tag_files.rewriting import stop_if_cancelled
from lib.dataset.tag_files.sidecar import hash_of, is_as_expected
from lib.domain import Origin
from lib.errors import InvalidInput
from lib.progress import NOBODY, Progress
from lib.settings import Settings
from lib.tables.dataset import TableDataset
from lib.tables.store import TableStore, as_sidecar, new_bytes

_GONE = "It is no longer in the table."
_SINCE = "It was changed after this operation."


class TableOperations(Operations):
    """The operations of one table, by way of its store."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        assert isinstance(store, TableStore)
        self._table = store

    def apply(
        self,
        edits: Sequence[Edit],
        kind: str,
        origin: Origin | None = None,
        *,
        staged: StagedImages | None = None,
        progress: Progress = NOBODY,
        arguments: Mapping[str, Any] | None = None,
        marks: Sequence[MarkWish] = (),
    ) -> Applied:
        """Saves all texts as one operation. Rows that are not as they were planned are left alone.

        Raises as for tag files; InvalidInput for images that are `staged`, which a table does not take, and for marks
        together with texts.
        """
        if marks and not edits:
            # They stand in the journal alone, for a table as for a folder.
            return super().apply([], kind, origin, arguments=arguments, marks=marks)
        if marks:
            raise InvalidInput("A table gets marks and texts one after the other.", "Nothing was changed.")
        if staged is not None:
            raise InvalidInput("A table takes no images, and lets none go.", "Nothing was changed.")
        left: list[tuple[str, str]] = []
        changes: list[FileChange] = []
        with self._table.alone():
            for number, edit in enumerate(edits):
                if number % 1_000 == 0:
                    progress.advance(number, len(edits))
                    stop_if_cancelled(progress)
                found = self._checked(edit)
                if isinstance(found, str):
                    left.append((edit.image, found))
                elif found is not None:
                    changes.append(found)
            if not changes:
                return Applied(None, 0, tuple(left))
            detail = {"arguments": dict(arguments)} if arguments else {}
            operation = self._table.write(changes, kind, origin or Origin(), detail)
        self._trim(len(changes))
        return Applied(operation, len(changes), tuple(left))

    def _checked(self, edit: Edit) -> FileChange | str | None:
        record = self._table.table.get(edit.image)
        if record is None:
            return _GONE
        current = as_sidecar(record.text)
        if not is_as_expected(current, edit.expected_hash):
            return CHANGED
        try:
            after = new_bytes(edit.image, current, edit.text)
        except InvalidInput as error:
            return error.message
        same = after == current.data
        return None if same else FileChange(edit.image, current.data or None, after, edit.origin)

    def remove_empty(self, images: Sequence[str], *, progress: Progress = NOBODY) -> Applied:
        """Nothing: a table has no tag files."""
        return Applied(None, 0)

    def undo(self, operation: int | None = None, *, progress: Progress = NOBODY) -> Restored:
        """Gives the rows of an operation back what they held before; those that changed since are left alone."""
        return self._turned(operation, "undo", progress)

    def redo(self, operation: int | None = None, *, progress: Progress = NOBODY) -> Restored:
        """Does an undone operation again."""
        return self._turned(operation, "redo", progress)

    def _turned(self, operation: int | None, direction: Direction, progress: Progress) -> Restored:
        store, journal = self._table, self._table.journal
        entry = chosen(store, operation, direction)
        number = entry.operation
        if OVERLAY not in entry.detail:
            return undo_or_redo(store, number, direction, progress)
        changes = journal.file_changes(number)
        if direction == "undo":
            changes = [FileChange(one.path, one.after, one.before) for one in changes]
        stop_if_cancelled(progress)
        with store.alone():
            reasons = {one.path: reason for one in changes if (reason := self._against(one))}
            wanted = [one for one in changes if one.path not in reasons]
            if not wanted:
                with history_errors():
                    journal.pass_over(number)
                return Restored(number, 0, tuple(reasons.items()))
            with under_way() as token:
                with history_errors():
                    started = journal.start_undo_redo(number, direction, token, len(changes), sorted(reasons))
                if not started:
                    words = f"Operation {number} was changed by someone else just now."
                    raise InvalidInput(words, "Nothing was touched. Look again.")
                try:
                    store.put(wanted, token)
                except BaseException:
                    if token not in store.table.overlay.tokens():
                        close(partial(journal.cancel_undo_redo, number, direction))
                    raise
                close(partial(journal.finish_undo_redo, number, direction))
        return Restored(number, len(wanted), tuple(reasons.items()))

    def _against(self, change: FileChange) -> str:
        record = self._table.table.get(change.path)
        if record is None:
            return _GONE
        return "" if is_as_expected(as_sidecar(record.text), hash_of(change.before)) else _SINCE


carried_out_by(TableStore, TableOperations)


def table_store(table: TableDataset, owner: str, settings: Settings) -> TableStore:
    """An owner's way to the captions of an opened table; what a crash left is settled. Raises WriteFailed."""
    return TableStore(journal_for(table.root, settings), owner, settings, table)
