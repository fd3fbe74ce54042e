"""Whether pages are light or dark, for what no style sheet reaches."""

from __future__ import annotations

import streamlit as st


def theme_now() -> str:
    """light or dark, as the browser shows the page."""
    return "dark" if st.context.theme.type == "dark" else "light"
