"""The login, where the server's settings ask for one."""

from __future__ import annotations

import streamlit as st


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
