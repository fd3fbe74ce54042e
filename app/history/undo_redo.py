"""The open folder's history: what it lists, and undo and redo of its operations in the background."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.history.state import HistoryState
from app.samples.editing import take_typed
from app.session.double_clicks import one_click
from app.session.jobs import JobKey, forget_ended, newest, start
from app.session.open_dataset import opened, preferences, reload_folder
from app.session.state import AppState
from lib.dataset.journal.journal import Journal
from lib.dataset.journal.pages import OperationFilter
from lib.dataset.journal.rows import OperationEntry
from lib.dataset.saving.operations import operations_of
from lib.dataset.saving.undo_redo import Restored
from lib.jobs.runner import Job

FILES_FOUND = 500
"""Files that a search by name follows at most."""


@dataclass(frozen=True, slots=True)
class UndoRedo:
    """An operation that was undone (`back`) or done again, and what became of its files."""

    entry: OperationEntry
    back: bool
    restored: Restored


def journal_of(state: AppState) -> Journal:
    """The journal of the open folder."""
    return opened(state)[1].journal


def wanted(state: AppState, *, many: bool, blanks: bool, find: str) -> OperationFilter:
    """Which operations to list; `find` is part of a file's name, or the whole path of one that is gone."""
    needle = find.strip().casefold()
    if not needle:
        return OperationFilter(blanks, many)
    records = opened(state)[0].snapshot()
    # The names are in memory: looking for part of a name among all rows of the journal would take seconds.
    names = {record.sidecar for record in records if needle in f"{record.name}\n{record.sidecar}".casefold()}
    return OperationFilter(blanks, many, [find.strip(), *sorted(names)[: FILES_FOUND + 1]])


def undo_redo(state: AppState, button: str, operation: int, *, back: bool) -> None:
    """Undo an operation (`back`), or do it again, in the background, as a button says. A double click counts once."""
    take_typed(state)
    # The second click of a double click may meet a page drawn anew, where the button stands for another operation.
    if not state.of(HistoryState).is_read(button):
        return
    store = opened(state)[1]
    entry = store.journal.operation(operation)
    with one_click(state, ("undo or redo", operation, back)) as first:
        if not first or entry is None or entry.state == ("undone" if back else "done"):
            # Or another tab has done it.
            return

    def work(job: Job) -> UndoRedo:
        operations = operations_of(store)
        go = operations.undo if back else operations.redo
        return UndoRedo(entry, back, go(operation, progress=job))

    title = "Undoing" if back else "Doing again"
    start(replace(_key(state), detail=operation), title, work)


def latest_undo_redo(state: AppState) -> Job | None:
    """The undo or redo of the open folder that was asked for last, running or ended."""
    return newest(_key(state))


def rescan_after_undo(state: AppState, job: Job) -> None:
    """Scan the open folder again, once, after an undo or redo by which images came or went."""
    if job.result.restored.images and state.of(HistoryState).seen != job.id:
        state.of(HistoryState).seen = job.id
        reload_folder(state)


def forget_undo_redo(state: AppState) -> None:
    """Let go of what the undos and redos so far came to; the history stays."""
    forget_ended(_key(state))


def _key(state: AppState) -> JobKey:
    return JobKey("undo or redo", state.owner, opened(state)[0].root)


def drafts_upon(state: AppState, restored: Restored) -> list[str]:
    """The images whose tag file was restored while the owner has a text of theirs that is not saved."""
    dataset, store = opened(state)
    records = [dataset.get(name) for name in preferences(state).drafts(dataset.root)]
    drafts = {record.sidecar: record.name for record in records if record is not None}
    changed = store.journal.changed_by(restored.operation, list(drafts))
    return [drafts[path] for path in sorted(changed - {path for path, _ in restored.left_alone})]
