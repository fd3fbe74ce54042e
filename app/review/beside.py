"""The right side: what is said of pictures like the one that is looked at, and its sample to be edited."""

from __future__ import annotations

import html

import streamlit as st

from app.review.alike import find_alike
from app.review.stage import LIKE, SAMPLE, thumb
from app.review.state import ReviewState
from app.samples.sample_panel import sample_panel
from app.samples.state import Galleries
from app.session.open_dataset import current_name, opened
from app.session.state import AppState

PANEL = "review"
_TAB = "review.tab"


def beside(state: AppState) -> None:
    """Show the two tabs, the wanted one in front."""
    page = state.of(ReviewState)
    if page.wanted_tab:
        st.session_state[_TAB], page.wanted_tab = page.wanted_tab, ""
    like, sample = st.tabs([LIKE, SAMPLE], key=_TAB, on_change="rerun")
    with like:
        _alike(state)
    with sample:
        here = state.of(Galleries).at(PANEL)
        here.is_open = True
        sample_panel(state, here, is_shown_large=True)


def _alike(state: AppState) -> None:
    found = find_alike(state, current_name(state))
    if isinstance(found, str):
        st.caption(found)
        return
    dataset, _ = opened(state)
    rows = []
    for name in found:
        if (record := dataset.get(name)) is not None:
            text = html.escape(record.text) or "<em>no caption</em>"
            rows.append(f"<div><img src='{thumb(state, name)}' alt=''><p>{text}</p></div>")
    st.html(f"<div class='toolkit-alike'>{''.join(rows)}</div>")
