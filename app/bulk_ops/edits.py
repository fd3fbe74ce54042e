"""Edits of many captions from a page: planned in the background, shown, and carried out as one operation.

Nothing is planned or written in the script thread, which ends at the next click. A plan lives in the session that asked
for it and is carried out once; the edit itself belongs to its owner, so that a refresh finds it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from app.bulk_ops.state import BulkState
from app.samples.scope import records_in_scope, take_scope
from app.session.jobs import SOON, JobKey, find, forget_ended, key_of, newest, start, start_anew
from app.session.open_dataset import opened
from app.session.state import AppState
from lib.bulk import (
    Change,
    Find,
    TagOperation,
    apply_changes,
    plan_affix,
    plan_replace,
    plan_tags,
)
from lib.dataset.saving.operations import Applied, operations_of
from lib.dataset.saving.undo_redo import Restored
from lib.domain import ImageRecord
from lib.errors import InvalidInput
from lib.jobs.runner import Job
from lib.scope import Scope


@dataclass(frozen=True, slots=True)
class Affix:
    """Words before and after every caption."""

    prefix: str
    suffix: str
    separator: str
    only_where_missing: bool
    also_blank: bool = False


@dataclass(frozen=True, slots=True)
class Replace:
    """What to find and what to put there."""

    find: Find
    replacement: str


BulkEdit = Affix | Replace | TagOperation


@dataclass(frozen=True, slots=True)
class BulkPlan:
    """What an edit would change. `id` names the plan, for the operation that may come of it."""

    id: str
    kind: str
    edit: BulkEdit
    scope: Scope
    changes: list[Change]
    hits: int


def preview(state: AppState, tool: str, edit: BulkEdit) -> None:
    """Plan an edit of the images in scope, as the newest preview of a tool."""
    scope = take_scope(state)
    records = records_to_edit(state)

    def work(job: Job) -> BulkPlan:
        changes = _planned(edit, records)
        return BulkPlan(job.id, tool, edit, scope, changes, sum(change.hits for change in changes))

    forget_outcome(state)
    bulk = state.of(BulkState)
    bulk.left_out.clear()
    bulk.tool = tool
    # A session keeps one preview: a plan of 100,000 captions is not small.
    key = JobKey("bulk plan", state.owner, detail=state.session)
    bulk.preview = start_anew(key, "Looking for changes", work)


def _planned(edit: BulkEdit, records: Sequence[ImageRecord]) -> list[Change]:
    if isinstance(edit, Affix):
        return plan_affix(records, edit.prefix, edit.suffix, edit.separator, edit.only_where_missing, edit.also_blank)
    if isinstance(edit, Replace):
        return plan_replace(records, edit.find, edit.replacement)
    return plan_tags(records, edit)


def records_to_edit(state: AppState) -> Sequence[ImageRecord]:
    """The records in scope, with one of those that share a tag file, so that files are counted and not images."""
    records = records_in_scope(state)
    if not opened(state)[0].shared_stems:
        return records
    by_file = {record.sidecar: record for record in reversed(records)}
    return list(by_file.values())[::-1]


def apply(state: AppState, plan: BulkPlan) -> None:
    """Carry out the plan that is previewed, but for what was left out. A second click finds it gone."""
    bulk = state.of(BulkState)
    if bulk.preview is None or bulk.preview.result is not plan:
        return
    _, store = opened(state)
    changes = [change for change in plan.changes if change.name not in bulk.left_out]
    # What was previewed or found before speaks of captions as they were.
    state.forget(BulkState)
    title = f"Changing {len(changes):,} tag files"
    asked = {"edit": type(plan.edit).__name__, **asdict(plan.edit)}

    def work(job: Job) -> Applied:
        return apply_changes(store, changes, plan.kind, progress=job, arguments=asked)

    start(replace(_applying(state), detail=(plan.kind, plan.id)), title, work, wait=SOON)


def outcome(state: AppState, tool: str) -> Job | None:
    """The latest edit of the open folder by this owner, if it was made with a tool or still goes on.

    Its result is an `Applied`.
    """
    job = newest(_applying(state))
    if job is None or job.is_active:
        return job
    detail = key_of(job).detail
    return job if isinstance(detail, tuple) and detail[0] == tool else None


def undo(state: AppState, applied: Applied) -> Job:
    """Take that one operation back; gives the job that does it, whose result is a `Restored`."""
    _, store = opened(state)
    number = applied.operation
    if number is None:
        raise InvalidInput("Nothing was changed.", "There is nothing to take back.")
    known = undoing(state, applied)
    if known is None or known.error is not None:

        def work(job: Job) -> Restored:
            return operations_of(store).undo(number, progress=job)

        known = start(_undoing(state, number), "Taking changes back", work)
    state.forget(BulkState)
    forget_outcome(state)
    known.wait(SOON)
    return known


def undoing(state: AppState, applied: Applied) -> Job | None:
    """The job that takes an operation back, or took it; its result is a `Restored`."""
    if applied.operation is None:
        return None
    return find(_undoing(state, applied.operation))


def forget_outcome(state: AppState) -> None:
    """Show no outcome any longer, nor an earlier one in its place; an edit under way goes on and is shown."""
    forget_ended(_applying(state))


def _applying(state: AppState) -> JobKey:
    return JobKey("bulk apply", state.owner, opened(state)[0].root)


def _undoing(state: AppState, operation: int) -> JobKey:
    return JobKey("bulk undo", state.owner, opened(state)[0].root, operation)
