"""What stands round every page: style sheet, address, sidebar."""

from __future__ import annotations

import functools
import html
from pathlib import Path

import streamlit as st

from app.elements.address import View, address
from app.elements.theme import theme_now
from app.elements.watcher import watch, watch_if_active
from app.samples.caption_runs import running_in
from app.samples.navigate import close, reload, return_to, step_back
from app.samples.state import Galleries, TabState
from app.session.messages import guarded
from app.session.open_dataset import current_name, link, optional_in_link
from app.session.state import AppState
from app.shell.job_panel import job_panel
from lib.dataset.base import Dataset
from lib.jobs.runner import Job

_STYLE = Path(__file__).parent.parent / "style.css"


def style_sheet() -> None:
    st.html(_STYLE)
    # Menus and hints open outside the page, where Streamlit does not say which half of light-dark() counts.
    st.html(f"<style>:root {{ color-scheme: {theme_now()}; }}</style>")


def keep_address(state: AppState) -> None:
    """Keep folder and scope in the address from the first moment of a page on, so that a refresh finds them."""
    if state.dataset is not None:
        with st.sidebar:
            tab = state.of(TabState)
            view = View(
                link(state), optional_in_link(), current_name(state), state.session, tab.is_followed, tab.returned,
                state.of(Galleries).to_keep(),
            )  # fmt: skip
            met, returned = (guarded(functools.partial(act, state)) for act in (return_to, step_back))
            address(view, met, returned)


def sidebar(state: AppState) -> None:
    """What is going on in the background, and, at the foot, the open folder at a glance."""
    with st.sidebar:
        # Each in a place of its own, so that work that comes does not make the folder's buttons anew.
        with st.container(key="shell-work", gap="xsmall"):
            job_panel(state)
            watch_if_active(state.check, every=2.0, show=_checking)
        if state.dataset is not None:
            with st.container(key="shell-folder", gap="xsmall"):
                _folder(state, state.dataset)


def _folder(state: AppState, dataset: Dataset) -> None:
    path = html.escape(str(dataset.root), quote=True)
    st.html(f"<div class='toolkit-folder' title='{path}'>{html.escape(dataset.root.name) or path}</div>")
    run = running_in(state, dataset.root)
    if run is not None:
        watch(run, every=2.0, show=lambda _: _counts(dataset))
    else:
        _counts(dataset)
    with st.container(horizontal=True, gap="small"):
        for label, act in (("Reload", reload), ("Close", close)):
            key, on_click = f"shell.{label.lower()}", guarded(functools.partial(act, state))
            st.button(label, key=key, on_click=on_click, type="tertiary")


def _counts(dataset: Dataset) -> None:
    if images := len(dataset):
        st.progress(dataset.tagged / images)
        st.caption(f"{dataset.tagged:,} of {images:,} tagged")
    else:
        st.caption("No images")


def _checking(job: Job) -> None:
    st.caption(f"Checking images: {job.done:,} of {job.total:,}")
