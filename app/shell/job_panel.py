"""The work that goes on, on every page: how far it is, how to stop it, how to take it up again."""

from __future__ import annotations

import functools
import html

import streamlit as st
from pydantic import SecretStr

from app.elements.watcher import facts, watch
from app.samples.caption_runs import (
    OwnRun,
    ask_elsewhere,
    dismiss,
    key_wanted,
    look_elsewhere,
    model_of,
    resume,
    shown_runs,
)
from app.samples.history_words import zone
from app.session.messages import error_boundary, guarded, plain, show_kept
from app.session.own_session import leave_to_owner
from app.session.state import AppState
from lib import cache
from lib.jobs.holder import held_by
from lib.jobs.ledger import Asked
from lib.jobs.runner import Job

_LISTED = 200
_LOOK_S = 1.0

_STANDINGS = {
    "paused": "Paused",
    "cancelled": "Stopped",
    "failed": "Stopped early",
    "interrupted": "Cut short when the server stopped",
    "elsewhere": "Under way elsewhere",
    "done": "Done",
}


def job_panel(state: AppState) -> None:
    """Show the owner's runs, those under way first, and in a line each what else is going on for him."""
    runs = shown_runs(state)
    ids = {own.run.id for own in runs}
    others = [job for job in cache.job_runner().of(state.owner) if job.is_active and job.id not in ids]
    if not runs and not others:
        return
    st.caption("Work")
    show_kept("jobs")
    for own in sorted(runs, key=lambda own: own.standing != "active"):
        with st.container(border=True, key=f"jobs-{own.run.id}"):
            st.html(f"<div class='toolkit-job'>{html.escape(own.run.title)}</div>")
            # One run that cannot be shown must not take the others, or the page, along.
            with error_boundary():
                _run(state, own)
    for job in others:
        watch(job, every=1.0, show=_line)


def _line(job: Job) -> None:
    # What is counted is images in one job, bytes or steps in another.
    st.caption(plain(f"{job.title} … {job.share:.0%}" if job.total else f"{job.title} …"))


def _run(state: AppState, own: OwnRun) -> None:
    if own.standing == "active" and own.job is not None:
        watch(own.job, every=1.0, show=_progress)
    elif own.standing == "elsewhere":
        _elsewhere(state, own.run.id)
    else:
        _resting(state, own)


def _elsewhere(state: AppState, id: str) -> None:
    """A run that a terminal or another server is at work on: how far it is, and how to stop it from here."""

    @st.fragment(run_every=_LOOK_S)
    def look() -> None:
        leave_to_owner()
        own = look_elsewhere(state, id)
        if own is None or own.standing != "elsewhere":
            st.rerun()
        run = own.run
        done = run.total - run.waiting
        st.progress(min(1.0, done / run.total) if run.total else 0.0)
        st.caption(plain(f"{done:,} of {run.total:,} · by {held_by(run, zone())}"))
        if cache.ledger().asked(id):
            st.caption("Stopping: the answers under way are still taken in.")
            return
        wishes: tuple[tuple[str, Asked], ...] = (("Pause", "pause"), ("Cancel", "cancel"))
        # One below the other: beside each other the sidebar cuts “Cancel” short.
        for label, what in wishes:
            ask = guarded(functools.partial(ask_elsewhere, state, id, what), "jobs")
            st.button(label, key=f"jobs.{what}.{id}", on_click=ask, width="stretch")

    look()


def _progress(job: Job) -> None:
    st.progress(job.share)
    st.caption(" · ".join(facts(job)))
    if job.is_stopping():
        st.caption("Stopping: the answers under way are still taken in.")
    else:
        pause, cancel = st.columns(2, gap="xsmall")
        for place, label, action in ((pause, "Pause", job.pause), (cancel, "Cancel", job.cancel)):
            key = f"jobs.{label.lower()}.{job.id}"
            place.button(label, key=key, on_click=guarded(action, "jobs"), width="stretch")
    _failures(job.failures[:_LISTED], len(job.failures), job.id)


def _failures(failures: list[tuple[str, str]], count: int, id: str) -> None:
    _listed(failures, count, f"{count:,} failed", f"jobs.failures.{id}")


def _listed(failures: list[tuple[str, str]], count: int, title: str, key: str) -> None:
    if not failures:
        return
    with st.expander(title, key=key):
        rows = "".join(f"<li><b>{html.escape(item)}</b> {html.escape(reason)}</li>" for item, reason in failures)
        st.html(f"<ul class='toolkit-failures'>{rows}</ul>")
        if count > len(failures):
            st.caption(f"The first {len(failures):,} are listed.")


def _resting(state: AppState, own: OwnRun) -> None:
    run = own.run
    parts = [_STANDINGS[own.standing], f"{run.done:,} captioned"]
    parts += [f"{count:,} {what}" for count, what in ((run.skipped, "skipped"), (run.waiting, "left")) if count]
    st.caption(" · ".join(parts))
    # Before all that may go wrong: a run that cannot be taken up again can at least be dismissed.
    _button("Dismiss", "dismiss", run.id, functools.partial(dismiss, state, run.id))
    if own.standing == "failed" and own.reason:
        st.html(f"<div class='toolkit-reason'>{html.escape(own.reason)}</div>")
    _failures(own.failures(_LISTED), run.failed, run.id)
    marks = own.marks(-1)
    _listed(marks[:_LISTED], len(marks), f"{len(marks):,} not as wished", f"jobs.marks.{run.id}")
    if not run.waiting and not run.failed:
        return
    st.caption(plain(model_of(own)))
    field = f"jobs.key.{run.id}"
    if key_wanted(own):
        st.text_input("API key", type="password", key=field, placeholder="Paste it again", autocomplete="off")
    if run.waiting:
        _button("Resume", "resume", run.id, functools.partial(_resume, state, run.id, field), primary=True)
    else:
        again = functools.partial(_resume, state, run.id, field, only_failed=True)
        _button(f"Retry {run.failed:,} failed", "retry", run.id, again, primary=True)


def _button(label: str, verb: str, id: str, action: functools.partial[None], *, primary: bool = False) -> None:
    st.button(
        label,
        key=f"jobs.{verb}.{id}",
        on_click=guarded(action, "jobs"),
        type="primary" if primary else "secondary",
        width="stretch",
    )


def _resume(state: AppState, id: str, field: str, *, only_failed: bool = False) -> None:
    typed = str(st.session_state.get(field) or "").strip()
    resume(state, id, SecretStr(typed) if typed else None, only_failed=only_failed)
