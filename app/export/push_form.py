"""A push to the Hugging Face Hub: under which name, with which token, what goes out, and what came of it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from app.elements.watcher import watch
from app.export.export_options import export_options, plan_note, present_options
from app.export.hub_token import hub_for, hub_token, typed_token
from app.export.pushes import forget_push, latest_push, start_push
from app.export.refusals import refusals
from app.session.double_clicks import one_click
from app.session.messages import error_boundary, guarded, notice, plain, show_error, show_kept
from app.session.state import AppState
from lib.dataset.base import Dataset
from lib.domain import ImageRecord
from lib.errors import WouldRemove
from lib.exporting.hub import HUB_FORMAT, Pushed, PushTarget
from lib.jobs.runner import Job

_REPOSITORY, _PUBLIC, _LICENSE = "push.repository", "push.public", "push.license"


def push_form(state: AppState, dataset: Dataset, records: Sequence[ImageRecord]) -> None:
    """Show the form. `records`: those in scope."""
    root = dataset.root
    with st.container(border=True):
        st.text_input(
            "Dataset on the Hub",
            key=field_key(_REPOSITORY, root),
            placeholder="your-name/birds",
            persist_state="session",
        )
        hub_token(state, needed=True)
        st.checkbox(
            "Public: everybody can see it",
            key=field_key(_PUBLIC, root),
            help="The dataset's card, with the prompts that the captions were made with, is published with it.",
            persist_state="session",
        )
        st.text_input(
            "License",
            key=field_key(_LICENSE, root),
            placeholder="as in cc-by-4.0; else “unknown”",
            persist_state="session",
        )
        export_options(HUB_FORMAT)
    with error_boundary():
        count = len(plan_note(state, dataset, records, HUB_FORMAT).records)
        job = latest_push(state)
        running = job is not None and job.is_active
        if refused := _would_remove(job):
            files = "this file" if len(refused.names) == 1 else f"these {len(refused.names):,} files"
            st.checkbox(f"Remove {files} from {plain(refused.repository)}", key=_removal_key(job))
        start = guarded(functools.partial(_start, state, root), "export")
        st.button("Push", key="push.start", type="primary", on_click=start, disabled=running or not count)
        show_kept("export")
    _outcome(state)


def field_key(field: str, root: Path) -> str:
    """A field's key: what was typed for one folder is not what another one is pushed to."""
    return f"{field}\n{root}"


def _start(state: AppState, root: Path) -> None:
    # Read now: the click itself may have been what ended the typing.
    kept = st.session_state
    repository, license = (str(kept.get(field_key(field, root)) or "").strip() for field in (_REPOSITORY, _LICENSE))
    public, options = bool(kept.get(field_key(_PUBLIC, root))), present_options(state, HUB_FORMAT)
    hub = hub_for(state, typed_token())
    job = latest_push(state)
    refused = _would_remove(job)
    agreed = refused is not None and refused.repository == repository and bool(kept.get(_removal_key(job)))
    removing = refused.names if refused and agreed else frozenset[str]()
    with one_click(state, ("push", repository, hub, public, license, options, removing)) as first:
        if first:
            start_push(state, PushTarget(hub, repository, public, license, removing.issuperset), options)


def _would_remove(job: Job | None) -> WouldRemove | None:
    """The question of the latest push: whether the files that it names may go."""
    return job.error if job is not None and isinstance(job.error, WouldRemove) else None


def _removal_key(job: Job | None) -> str:
    # An answer belongs to one question.
    return f"push.remove.{job.id if job else ''}"


def _outcome(state: AppState) -> None:
    job = latest_push(state)
    if job is None:
        return
    if job.is_active:
        watch(job, every=0.5, show=_progress)
        return
    with st.container(border=True, key="push-outcome"):
        if job.error is not None:
            show_error(job.error)
        elif isinstance(job.result, Pushed):
            _summary(job.result)
        close = guarded(functools.partial(forget_push, state), "export")
        st.button("Dismiss", key="push.dismiss", type="tertiary", on_click=close)


def _progress(job: Job) -> None:
    if job.is_stopping():
        st.progress(0.0, text="Stopping …")
        return
    done, total = job.done, job.total
    text = f"{plain(job.title)}: {done:,} of {total:,}" if total else f"{plain(job.title)} …"
    st.progress(min(1.0, done / total) if total else 0.0, text=text)
    st.button("Cancel", key=f"push.cancel.{job.id}", on_click=guarded(job.cancel))


def _summary(done: Pushed) -> None:
    samples = "1 sample is" if done.samples == 1 else f"{done.samples:,} samples are"
    seen = "Only those whom you let in see them." if done.private else "Everybody can see them."
    notice("info", f"{samples} on the Hub. {seen}", done.url)
    st.link_button("Open on the Hub", done.url, icon=":material/open_in_new:")
    refusals(done.left_out, "not pushed", "push.left_out")
