"""Keeps what is typed into a box while the server answers something that was done before."""

from __future__ import annotations

import streamlit as st

from app.elements.element import element

_newest_typing = element("newest_typing", "")


def keep_newest_typing() -> None:
    """For every page: a box that the server empties or fills keeps what was typed into it since that was asked for."""
    with st.sidebar:
        _newest_typing(data={"is_kept": True}, key="shell.typing")
