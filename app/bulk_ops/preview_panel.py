"""What an edit would change, and Apply; then what became of it, and Undo."""

from __future__ import annotations

import functools

import streamlit as st

from app.bulk_ops.edits import BulkEdit, BulkPlan, apply, forget_outcome, outcome, undo
from app.bulk_ops.state import BulkState
from app.elements.change_list import change_list, take_boxes
from app.elements.pick_list import pick_list
from app.elements.watcher import going_on, watch
from app.session.jobs import kept_here
from app.session.messages import guarded, notice, show_error, show_kept
from app.session.state import AppState
from lib.dataset.saving.operations import Applied
from lib.dataset.saving.undo_redo import Restored
from lib.errors import DatasetError
from lib.jobs.runner import Job
from lib.text import counted

_LISTED = 500
_TOLD = 20


def preview_panel(state: AppState, tool: str, edit: BulkEdit, what: str) -> None:
    """Show the preview of a tool, or in one line `what` it does. `edit`: what the fields hold now."""
    show_kept("bulk")
    job = kept_here(state.of(BulkState).preview) if state.of(BulkState).tool == tool else None
    if job is None:
        st.caption(f"{what} Nothing on disk changes before Apply.")
    elif job.is_active:
        watch(job, every=0.3, show=lambda running: st.caption(f"Looking for changes … {running.seconds:.0f} s"))
    elif job.error is not None:
        show_error(job.error)
    elif isinstance(job.result, BulkPlan):
        _planned(state, job.result, edit)


def _planned(state: AppState, plan: BulkPlan, edit: BulkEdit) -> None:
    if not plan.changes:
        notice("info", "No tag in scope would change.", "Nothing is to be done.")
        return
    key = f"bulk.changes.{plan.id}"
    with st.container(horizontal=True, vertical_alignment="center"):
        left_out = len(state.of(BulkState).left_out)
        count = len(plan.changes) - left_out
        carry_out = guarded(functools.partial(_apply, state, plan, key, state.of(BulkState).left_out), "bulk")
        stale = plan.edit != edit or plan.scope != state.scope
        label = f"Apply to {counted(count, 'file')}"
        st.button(label, key="bulk.apply", type="primary", on_click=carry_out, disabled=stale or not count)
        places = "place" if plan.hits == 1 else "places"
        note = f"{plan.hits:,} {places} in {counted(len(plan.changes), 'file')} would change"
        st.caption(f"{note}; {left_out:,} left out" if left_out else note)
    if stale:
        notice("warning", "The settings are not those of this preview any more.", "Press Preview again.")
    change_list(plan.changes, state.of(BulkState).left_out, key=key)


def _apply(state: AppState, plan: BulkPlan, key: str, left_out: set[str]) -> None:
    take_boxes(plan.changes, left_out, key=key)
    apply(state, plan)


def outcome_panel(state: AppState, tool: str) -> None:
    """Show an edit that goes on. What came of it is told once, with Undo; what needs a look stays, under its tool."""
    job = outcome(state, tool)
    if job is None:
        return
    if job.is_active:
        watch(job, every=0.3, show=going_on)
        return
    applied = job.result if isinstance(job.result, Applied) else None
    if applied is not None and applied.operation is not None and state.of(BulkState).told != job.id:
        state.of(BulkState).told = job.id
        state.done_with_undo(
            _changed(applied), functools.partial(undo, state, applied), functools.partial(_undone, state)
        )
    if applied is not None and applied.operation is not None and not applied.left_alone:
        forget_outcome(state)
        return
    if job.error is not None:
        show_error(job.error)
    elif applied is not None:
        notice("info", _changed(applied))
        _left_alone(applied.left_alone)
    close = guarded(functools.partial(forget_outcome, state), "bulk")
    st.button("Dismiss", key="bulk.dismiss", type="tertiary", on_click=close)


def _changed(applied: Applied) -> str:
    if not applied.changed:
        return "No file was changed."
    return f"{counted(applied.changed, 'file')} changed, in one operation."


def _undone(state: AppState, job: Job) -> str:
    if not isinstance(job.result, Restored):
        return "Stopped."
    if job.result.left_alone:
        lines = [f"{name}: {reason}" for name, reason in job.result.left_alone[:_TOLD]]
        count = len(job.result.left_alone)
        lines += [f"and {count - _TOLD:,} more; History has the rest"] if count > _TOLD else []
        state.errors["page"] = DatasetError(f"{counted(count, 'file').capitalize()} left alone.", "\n".join(lines))
    restored = job.result.restored
    hold = "holds what it held before" if restored == 1 else "hold what they held before"
    return f"Taken back: {counted(restored, 'file')} {hold}." if restored else "No file was taken back."


def _left_alone(left_alone: tuple[tuple[str, str], ...]) -> None:
    if not left_alone:
        return
    with st.expander(f"{counted(len(left_alone), 'file').capitalize()} left alone", expanded=True):
        rows = [("", name, reason) for name, reason in left_alone[:_LISTED]]
        pick_list(rows, label="Left alone", key="bulk.left_alone", on_pick=lambda name: None, height="12rem")
        if len(left_alone) > _LISTED:
            st.caption(f"The first {_LISTED:,} are listed.")
