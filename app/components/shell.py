"""What stands round every page: style sheet, login gate, sidebar."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.messages import guarded
from app.opening import close_folder, reload
from app.state import AppState

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
    """The open folder at a glance."""
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
        right.button("Close", key="shell.close", on_click=close_folder, args=(state,), width="stretch")
