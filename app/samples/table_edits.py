"""Captions edited in a table: each edit is a draft like any other, and all of them are saved as one operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.samples.state import TablePage, TableState
from app.session.jobs import SOON, JobKey, start
from app.session.open_dataset import opened, preferences, record_of
from app.session.state import AppState
from lib.dataset.saving.operations import Applied, operations_of
from lib.dataset.saving.targets import Edit
from lib.dataset.saving.undo_redo import Restored
from lib.domain import ImageRecord, Origin
from lib.errors import DatasetError, ToolkitError
from lib.jobs.runner import Job
from lib.preferences import Draft
from lib.text import counted


def load_page(state: AppState, records: Sequence[ImageRecord], *, is_fresh: bool) -> TablePage:
    """The captions of a page of the table, with what was typed over them.

    They are read once and then stay as they are while the page is edited, since the browser knows its rows by number;
    `is_fresh` says that the browser starts with a new table anyway.
    """
    names = tuple(record.name for record in records)
    table = state.of(TableState)
    known = table.page
    if known is not None and known.names == names and not is_fresh:
        return known
    dataset, store = opened(state)
    drafts = frozenset(preferences(state).drafts(dataset.root))
    texts, hashes, locked = [], [], set()
    for record in records:
        found = store.read(record)
        draft = preferences(state).draft(dataset.root, record.name) if record.name in drafts else None
        texts.append(draft.text if draft else found.text)
        hashes.append(draft.base_hash if draft else found.hash)
        if not found.editable or store.is_unsettled(record):
            locked.add(record.name)
    page = TablePage(names, tuple(texts), tuple(hashes), frozenset(locked), drafts.intersection(names))
    table.page, table.kept = page, ("", {})
    return page


def keep_edits(state: AppState, page: TablePage, edited: Mapping[int, str], known: Mapping[int, str]) -> None:
    """Keep what the edited rows of a page hold now as drafts. A row that is back at what was read needs none.

    Rows that held the same when they were last kept (`known`) are passed by: their draft may be saved by now.
    Raises DatasetError for rows whose image is gone, or got another text from elsewhere meanwhile; that text stays,
    the other rows are kept all the same, and the page is read anew.
    """
    refused = {}
    for row, text in edited.items():
        if page.names[row] in page.locked or known.get(row) == text:
            continue
        try:
            _keep(state, page, row, text)
        except ToolkitError as error:
            refused[row] = error.message
    if refused:
        state.of(TableState).begin_afresh()
        typed = "\n".join(f"{page.names[row]}: {edited[row]}" for row in refused)
        raise DatasetError(" ".join(refused.values()), f"Other rows are kept. What you typed there is not:\n{typed}")


def _keep(state: AppState, page: TablePage, row: int, text: str) -> None:
    name, root, kept = page.names[row], opened(state)[0].root, preferences(state)
    record_of(state, name)
    before = kept.draft(root, name)
    if before is not None and before.text == text:
        return
    if before is not None and not _is_known(state, before, page.texts[row]):
        raise DatasetError(f"{name} got another text meanwhile, which the table shows now.")
    if name not in page.drafted and text == page.texts[row]:
        kept.drop_draft(root, name)
    else:
        kept.keep_draft(root, name, Draft(text, page.hashes[row], Origin(), state.session))


def _is_known(state: AppState, draft: Draft, shown: str | None) -> bool:
    """Whether a draft was typed in this tab or is what its row shows. `shown` is None for one of another page."""
    return draft.writer == state.session or draft.text == shown or (draft.writer == "" and shown is None)


def waiting(state: AppState, records: Sequence[ImageRecord]) -> dict[str, Draft]:
    """What is not saved among these samples, by image."""
    root, kept = opened(state)[0].root, preferences(state)
    names = set(kept.drafts(root))
    found = {record.name: kept.draft(root, record.name) for record in records if record.name in names}
    return {name: draft for name, draft in found.items() if draft is not None}


def typed_here(state: AppState, page: TablePage, drafts: Mapping[str, Draft]) -> dict[str, Draft]:
    """Those of the drafts that were typed in this tab, on this page of the table."""
    return {name: draft for name, draft in drafts.items() if name in page.names and draft.writer == state.session}


def from_elsewhere(state: AppState, page: TablePage, drafts: Mapping[str, Draft]) -> dict[str, Draft]:
    """Those of the drafts that came from another tab and are not on this page to see: Save all is not about them."""
    shown = dict(zip(page.names, page.texts, strict=True))
    return {name: draft for name, draft in drafts.items() if not _is_known(state, draft, shown.get(name))}


def save_all(state: AppState, page: TablePage, drawn: Mapping[str, Draft]) -> None:
    """Save the drafts that a button was drawn for, and what was typed on its page since, as one operation.

    A draft that got another text from elsewhere is left as it is, and so is a file that somebody changed meanwhile.
    """
    dataset, store = opened(state)
    kept = preferences(state)
    now = waiting(state, [record for name in {*drawn, *page.names} if (record := dataset.get(name)) is not None])
    own = typed_here(state, page, now)
    drafts = {name: draft for name, draft in now.items() if name in own or draft == drawn.get(name)}
    edits = [Edit(name, draft.base_hash, draft.text) for name, draft in drafts.items()]

    def work(job: Job) -> Applied:
        applied = operations_of(store).apply(edits, "table", Origin(), progress=job)
        left = {name for name, _ in applied.left_alone}
        for name, draft in drafts.items():
            # What was typed again while this was being written is another draft.
            if name not in left and kept.draft(dataset.root, name) == draft:
                kept.drop_draft(dataset.root, name)
        return applied

    key = JobKey("save table", state.owner, dataset.root)
    table = state.of(TableState)
    table.saved = start(key, f"Saving {counted(len(edits), 'caption')}", work, wait=SOON)
    table.begin_afresh()


def discard_all(state: AppState, drawn: Mapping[str, Draft]) -> None:
    """Drop the drafts that a button was drawn for and show what is on disk; what became another text since is kept."""
    root, kept = opened(state)[0].root, preferences(state)
    for name, draft in drawn.items():
        if kept.draft(root, name) == draft:
            kept.drop_draft(root, name)
    state.of(TableState).begin_afresh()


def undo_save(state: AppState, operation: int) -> Job:
    """Take a Save all back."""
    dataset, store = opened(state)

    def work(job: Job) -> Restored:
        return operations_of(store).undo(operation, progress=job)

    return start(JobKey("undo table", state.owner, dataset.root, operation), "Taking it back", work, wait=SOON)


def told_undone(state: AppState, job: Job) -> str:
    """What came of that; the table shows what the files hold now."""
    state.of(TableState).begin_afresh()
    if not isinstance(job.result, Restored):
        return "Stopped."
    left = f"; {len(job.result.left_alone):,} were changed since and stay" if job.result.left_alone else ""
    return f"Taken back: {counted(job.result.restored, 'caption')} as before{left}."
