"""The line above the image: where we are, how much is done, and ways to get about."""

from __future__ import annotations

import functools

import streamlit as st

from app.samples.editing import take_typed
from app.samples.navigate import jump, next_untagged
from app.samples.problems_panel import problems_panel
from app.session.messages import guarded, show_kept
from app.session.state import AppState
from app.tagging.keys import keys_button
from lib.dataset.base import Dataset

_JUMP = "tagging-jump"


def toolbar(state: AppState, dataset: Dataset) -> None:
    """Show the place in the folder, the jumps, and the way to the choice of images."""
    place, jumps, problems = st.columns([5, 8.5, 2.5], vertical_alignment="center")
    showing = f"Showing {state.index + 1:,} of {len(dataset):,}"
    place.markdown(f"#### {showing} &nbsp;·&nbsp; {dataset.tagged:,} tagged")
    with jumps.container(horizontal=True, vertical_alignment="center"):
        st.text_input(
            "Go to",
            key=_JUMP,
            placeholder="Number or name",
            label_visibility="collapsed",
            on_change=guarded(_jump, "jump"),
            args=(state,),
            width=160,
        )
        take = guarded(functools.partial(take_typed, state))
        about = "Choose which images to walk through"
        if st.button(":material/filter_alt:", key="tagging.scope", help=about, on_click=take):
            st.switch_page("../pages/keyword_filter.py")
        st.button(
            "Next untagged",
            key="tagging.untagged",
            icon=":material/flag:",
            help="Ctrl+J",
            on_click=guarded(next_untagged),
            args=(state,),
        )
        if st.button("Visualize Data", key="tagging.visualize", icon=":material/scatter_plot:", on_click=take):
            st.switch_page("../pages/clusters.py")
        keys_button()
    with jumps:
        show_kept("jump")
    with problems:
        problems_panel(state, dataset)


def _jump(state: AppState) -> None:
    wanted = str(st.session_state[_JUMP] or "")
    if wanted.strip():
        jump(state, wanted)
        st.session_state[_JUMP] = ""
