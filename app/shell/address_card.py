"""Tables at addresses, `s3://…` and the like: looked up among those that pages may open, copied here, then opened."""

from __future__ import annotations

import functools
import re

import streamlit as st

from app.elements.watcher import stop_button, watch
from app.session.jobs import SOON, JobKey, find, forget, key_of, newest, start
from app.session.messages import guarded, notice, show_error
from app.session.open_dataset import open_folder
from app.session.owner import LOCAL
from app.session.state import AppState
from lib.dataset.workspace.uploads import TABLE_COPIES
from lib.errors import Cancelled
from lib.jobs.runner import Job
from lib.settings import settings
from lib.tables.copying import MOST_BYTES, copied_bytes, copy_table
from lib.urls import Url, check_page_may_open, parse_url

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_KIND = "copy a table"


def is_address(text: str) -> bool:
    """Whether what was typed is an address, and no path."""
    return _SCHEME.match(text.strip()) is not None


def checked_address(text: str) -> Url:
    """The place that an address names, if pages may open it. Raises InvalidInput and FolderRefused.

    A folder of this machine is a path, and follows the rules of paths.
    """
    url = parse_url(text)
    if not url.is_local:
        check_page_may_open(url, settings().urls)
    return url


def about_address(text: str) -> None:
    """Say what Select does with an address. Raises as `checked_address`."""
    if not checked_address(text).is_local:
        st.caption(
            "Select copies this table into your own space here and opens the copy. What you edit stays with the copy, "
            "and nothing is written to the address. Where the table changes there, a new copy is made beside this one."
        )


def open_address(state: AppState, text: str) -> None:
    """Copy the table at an address in the background, or open it where it lies on this machine."""
    url = checked_address(text)
    if url.is_local:
        open_folder(state, url.path)
        return
    folder = settings().workspace(state.owner) / TABLE_COPIES

    def work(job: Job) -> str:
        most = MOST_BYTES
        if state.owner != LOCAL:
            # As with uploads: on their own machine people know best what their disk is for.
            most = min(most, settings().upload_quota_mb * 1_000_000 - copied_bytes(folder))
        return str(copy_table(url, folder, job, most))

    key = JobKey(_KIND, state.owner, "addresses", str(url))
    if (known := find(key)) is not None and not known.is_active:
        forget(key)
    start(key, f"Copying {url}", work, wait=SOON)


def copying_panel(state: AppState) -> None:
    """Show how the copying goes, or why it did not; what is copied is opened."""
    job = newest(JobKey(_KIND, state.owner, "addresses"))
    if job is None:
        return
    if job.is_active:
        watch(job, every=0.5, show=_going_on)
        return
    if isinstance(job.result, str):
        forget(key_of(job))
        open_folder(state, job.result)
        st.rerun()
    if isinstance(job.error, Cancelled):
        notice("info", job.error.message, job.error.hint)
    elif job.error is not None:
        show_error(job.error)
    dismiss = guarded(functools.partial(forget, key_of(job)))
    st.button("Dismiss", key="address.dismiss", type="tertiary", on_click=dismiss)


def _going_on(job: Job) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.share, text=f"Copying … {job.done / 1e6:,.0f} of {job.total / 1e6:,.0f} MB")
        stop_button(job)
