"""The line above the image: where we are, how much is done, and ways to get about."""

from __future__ import annotations

import functools

import streamlit as st

from app.samples.editing import take_typed
from app.samples.navigate import jump, move, next_untagged
from app.samples.problems_panel import problems_panel
from app.session.messages import guarded, show_kept
from app.session.state import AppState
from app.tagging.keys import keys_button
from lib.dataset.base import Dataset

_JUMP = "tagging-jump"


def toolbar(state: AppState, dataset: Dataset) -> None:
    """Show, in one row, the place in the folder, the ways on, and the jumps."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="tagging-toolbar"):
        showing = f"Showing {state.index + 1:,} of {len(dataset):,}"
        st.markdown(f"#### {showing} &nbsp;·&nbsp; {dataset.tagged:,} tagged", width="content")
        st.space("stretch")
        problems_panel(state, dataset)
        _steps(state)
        st.text_input(
            "Go to",
            key=_JUMP,
            placeholder="Number or name",
            label_visibility="collapsed",
            on_change=guarded(_jump, "jump"),
            args=(state,),
            width=150,
        )
        _ways(state)
        keys_button()
    show_kept("jump")


def _steps(state: AppState) -> None:
    """Previous and Next; both go round the ends."""
    for label, step, icon, key in (("Previous", -1, "left", "Left arrow"), ("Next", 1, "right", "Right arrow")):
        st.button(
            label,
            key=f"tagging.{label.lower()}",
            icon=f":material/chevron_{icon}:",
            icon_position="left" if step < 0 else "right",
            help=key,
            on_click=guarded(move),
            args=(state, step),
        )


def _ways(state: AppState) -> None:
    """To the next untagged image, and to the pages where images are chosen and seen together."""
    st.button(
        "Next untagged",
        key="tagging.untagged",
        icon=":material/flag:",
        help="Ctrl+J",
        on_click=guarded(next_untagged),
        args=(state,),
    )
    take = guarded(functools.partial(take_typed, state))
    about = "Choose which images to walk through"
    if st.button(":material/filter_alt:", key="tagging.scope", help=about, on_click=take):
        st.switch_page("../pages/keyword_filter.py")
    if st.button("Visualize Data", key="tagging.visualize", icon=":material/scatter_plot:", on_click=take):
        st.switch_page("../pages/clusters.py")


def _jump(state: AppState) -> None:
    wanted = str(st.session_state[_JUMP] or "")
    if wanted.strip():
        jump(state, wanted)
        st.session_state[_JUMP] = ""
