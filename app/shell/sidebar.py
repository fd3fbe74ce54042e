"""What stands round every page: style sheet, address, sidebar."""

from __future__ import annotations

import functools
from pathlib import Path

import streamlit as st

from app.elements.address import View, address
from app.elements.watcher import watch, watch_if_active
from app.samples.caption_runs import running_in
from app.samples.navigate import close, reload, return_to
from app.samples.state import TabState
from app.session.messages import guarded
from app.session.open_dataset import OPTIONAL_IN_LINK, current_name, link
from app.session.state import AppState
from app.shell.job_panel import job_panel
from lib.dataset.base import Dataset
from lib.jobs.runner import Job

_STYLE = Path(__file__).parent.parent / "style.css"


def style_sheet() -> None:
    st.html(_STYLE)


def keep_address(state: AppState) -> None:
    """Keep folder and scope in the address from the first moment of a page on, so that a refresh finds them."""
    if state.dataset is not None:
        with st.sidebar:
            is_followed = state.of(TabState).is_followed
            view = View(link(state), OPTIONAL_IN_LINK, current_name(state), state.session, is_followed)
            address(view, guarded(functools.partial(return_to, state)))


def sidebar(state: AppState) -> None:
    """The open folder at a glance, and what is going on in the background."""
    with st.sidebar:
        if state.dataset is not None:
            _folder(state, state.dataset)
        job_panel(state)
        watch_if_active(state.check, every=2.0, show=_checking)


def _folder(state: AppState, dataset: Dataset) -> None:
    st.caption("Open folder")
    st.text(dataset.root.name or str(dataset.root))
    run = running_in(state, dataset.root)
    if run is not None:
        watch(run, every=2.0, show=lambda _: _counts(dataset))
    else:
        _counts(dataset)
    left, right = st.columns(2)
    left.button("Reload", key="shell.reload", on_click=guarded(reload), args=(state,), width="stretch")
    right.button("Close", key="shell.close", on_click=guarded(close), args=(state,), width="stretch")


def _counts(dataset: Dataset) -> None:
    images = len(dataset)
    st.progress(dataset.tagged / images if images else 0.0, text=f"{dataset.tagged:,} of {images:,} tagged")


def _checking(job: Job) -> None:
    st.caption(f"Checking images: {job.done:,} of {job.total:,}")
