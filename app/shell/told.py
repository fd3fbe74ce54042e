"""What was done, told once at the foot of the window on whichever page, with Undo; then it lies in History alone."""

from __future__ import annotations

import functools
import html
import time

import streamlit as st

from app.elements.watcher import watch
from app.session.messages import guarded
from app.session.state import AppState, Deed
from lib.jobs.runner import Job

_SHOWN_S = 12.0
"""As long as in the style sheet, which fades it out; who points at it or has the focus in it keeps it."""


def told_panel(state: AppState) -> None:
    """Show what was just done, while it is new."""
    told = state.told
    if told is None:
        return
    if told.undoing is not None:
        _undoing(state, told, told.undoing)
    elif time.monotonic() - told.at < _SHOWN_S:
        # Another name each time, or the browser would take the next one for the one that has faded.
        with _place(told):
            st.html(f"<div role='status'>{html.escape(told.text)}</div>", width="content")
            if told.undo is not None:
                undo = guarded(functools.partial(_undo, told))
                st.button("Undo", key="told.undo", icon=":material/undo:", on_click=undo)
            close = guarded(functools.partial(_close, state), is_action=False)
            st.button("Dismiss", key="told.dismiss", type="tertiary", on_click=close)


def _place(told: Deed) -> st.delta_generator.DeltaGenerator:
    side = "even" if told.number % 2 == 0 else "odd"
    return st.container(horizontal=True, vertical_alignment="center", width="content", key=f"toolkit-told-{side}")


def _undo(told: Deed) -> None:
    if told.undo is not None and told.undoing is None:
        told.undoing = told.undo()


def _undoing(state: AppState, told: Deed, job: Job) -> None:
    if job.is_active:
        with st.container(horizontal=True, width="content", key="toolkit-told-undoing"):
            watch(job, every=0.3, show=lambda running: st.text(f"{running.title} … {running.seconds:.0f} s"))
        return
    told.undoing = told.undo = None
    if job.error is not None:
        state.errors["page"] = job.error
        state.told = None
    elif told.undone is not None:
        state.done_with_undo(told.undone(job))
    # What came of it is told at the foot and, where something is to be looked at, at the head of the page.
    st.rerun()


def _close(state: AppState) -> None:
    state.told = None
