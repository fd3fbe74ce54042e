"""What stands round every page: style sheet, login gate, sidebar."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.components.watcher import watch
from app.messages import guarded
from app.moving import close, reload
from app.state import AppState
from lib import cache
from lib.jobs.runner import Job

_STYLE = Path(__file__).parent.parent / "style.css"


def style_sheet() -> None:
    st.html(_STYLE)


def login_gate() -> None:
    """Where the server's secrets set up a login ([auth]), nobody goes on without one."""
    try:
        wanted = "auth" in st.secrets
    except FileNotFoundError:
        wanted = False
    if not wanted:
        return
    if st.user.get("is_logged_in"):
        with st.sidebar:
            st.button("Log out", key="shell.logout", on_click=st.logout, type="tertiary")
        return
    st.title("Image Captioning Toolkit")
    st.text("Please log in to go on.")
    st.button("Log in", key="shell.login", on_click=st.login, type="primary")
    st.stop()


def sidebar(state: AppState) -> None:
    """The open folder at a glance, and what is going on in the background."""
    dataset = state.dataset
    if dataset is None:
        return
    with st.sidebar:
        st.caption("Open folder")
        st.text(dataset.root.name or str(dataset.root))
        images = len(dataset)
        st.progress(dataset.tagged / images if images else 0.0, text=f"{dataset.tagged:,} of {images:,} tagged")
        left, right = st.columns(2)
        left.button("Reload", key="shell.reload", on_click=guarded(reload), args=(state,), width="stretch")
        right.button("Close", key="shell.close", on_click=guarded(close), args=(state,), width="stretch")
        for job in cache.job_runner().of(state.owner):
            watch(job, every=1.0, show=_working)
        watch(state.check, every=2.0, show=_checking)


def _working(job: Job) -> None:
    st.text(f"{job.title} …")


def _checking(job: Job) -> None:
    st.caption(f"Checking images: {job.done:,} of {job.total:,}")
