"""The import that runs, and what became of the last one, with the way back."""

from __future__ import annotations

import functools

import streamlit as st

from app.elements.watcher import going_on, watch
from app.export.import_account import account_panel
from app.export.import_look import look_panel
from app.export.imports import (
    Imported,
    Looked,
    forget_import,
    is_open,
    latest_import,
    open_imported,
    rescan_after_import,
    rescan_after_import_undo,
    undo_import,
    undoing_import,
)
from app.export.refusals import refusals
from app.export.state import ImportState
from app.samples.history_words import moved
from app.session.messages import guarded, notice, show_error
from app.session.state import AppState
from lib.dataset.saving.undo_redo import Restored
from lib.jobs.runner import Job
from lib.text import counted


def import_outcome(state: AppState) -> None:
    """Show how far the import is, or what came of it; once that is opened, its images."""
    if state.of(ImportState).is_leaving:
        state.of(ImportState).is_leaving = False
        st.switch_page("../pages/tagging.py")
    job = latest_import(state)
    if job is None:
        return
    if job.is_active:
        watch(job, every=0.5, show=_progress)
        return
    if isinstance(job.result, Looked):
        look_panel(state, job, job.result)
        return
    with st.container(border=True, key="import-outcome"):
        if job.error is not None:
            show_error(job.error)
        elif isinstance(job.result, Imported):
            rescan_after_import(state, job)
            _summary(job.result)
            _undone(state, job.result)
        _actions(state, job)


def _progress(job: Job) -> None:
    # Only a download knows how many there are.
    done = f"{job.done:,} of {job.total:,} files downloaded" if job.total else f"{job.done:,} images read"
    st.text("Stopping …" if job.is_stopping() else f"{job.title}: {done}")
    st.button("Cancel", key=f"import.cancel.{job.id}", on_click=guarded(job.cancel), disabled=job.is_stopping())


def _summary(done: Imported) -> None:
    outcome = done.outcome
    problems = outcome.refused or outcome.account.not_understood
    parts = [f"Added: {outcome.added:,}"]
    parts += [f"skipped: {outcome.skipped:,}"] if outcome.skipped else []
    parts += [f"together {outcome.added + outcome.skipped:,}"] if outcome.skipped else []
    differed = (
        f" {outcome.conflicts:,} of these differed from what was there under the same name."
        if outcome.conflicts
        else ""
    )
    hint = f"The images that were replaced are in {outcome.replaced}." if outcome.replaced is not None else ""
    captioned = f" With a caption: {outcome.captioned:,}, without: {outcome.uncaptioned:,}." if outcome.added else ""
    said = (
        f"{', '.join(parts)}.{differed}{captioned} Into {done.folder.name}."
        if done.folder.exists()
        else "Nothing could be added."
    )
    notice("warning" if problems else "info", said, hint)
    account_panel(outcome.account, "import", "With “Look first” you can choose how they are read, then import again.")


def _undone(state: AppState, done: Imported) -> None:
    job = _undo_job(state, done)
    if job is None:
        return
    if job.is_active:
        watch(job, every=0.3, show=going_on)
    elif job.error is not None:
        show_error(job.error)
    elif isinstance(job.result, Restored):
        rescan_after_import_undo(state, job)
        images = moved(job.result.images, back=True) if job.result.images else ""
        notice("info", f"Taken back: {counted(job.result.restored, 'caption')}. {images}")
        refusals(job.result.left_alone, "left alone", "import.left_alone", expanded=True)


def _undo_job(state: AppState, done: Imported) -> Job | None:
    operation = done.outcome.operation
    return undoing_import(state, operation) if operation is not None and is_open(state, done.folder) else None


def _actions(state: AppState, job: Job) -> None:
    with st.container(horizontal=True):
        if isinstance(job.result, Imported):
            _next(state, job, job.result)
        close = guarded(functools.partial(forget_import, state), "import")
        st.button("Dismiss", key="import.dismiss", type="tertiary", on_click=close)


def _next(state: AppState, job: Job, done: Imported) -> None:
    if not done.folder.exists():
        # A new dataset into which nothing came is none.
        return
    if not is_open(state, done.folder):
        enter = guarded(functools.partial(open_imported, state, job), "import")
        st.button("Open it", key="import.open", type="primary", on_click=enter)
    elif (operation := done.outcome.operation) is not None:
        undone = _undo_job(state, done)
        if undone is None or undone.error is not None:
            back = guarded(functools.partial(undo_import, state, operation), "import")
            st.button("Undo the import", key="import.undo", icon=":material/undo:", on_click=back)
