"""The top of the Keyword Filter page: the keywords, how they are read, what they found, and the saved filters."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import streamlit as st

from app.components.pick_list import pick_list
from app.components.scope_bar import conditions, language_help, query_box, scope_line, switches
from app.filtering import ORDERS, delete_filter, in_order, keyword_counts, orders, save_filter, use_filter
from app.messages import error_boundary, guarded
from app.opening import preferences
from app.scoping import take_scope
from app.state import AppState
from lib.domain import ImageRecord
from lib.scope import Scope

_VIEWS = ("Gallery", "Table")
_NAME, _ORDER = "filter.name", "filter.order"


def keyword_bar(state: AppState) -> tuple[Sequence[ImageRecord], str, str]:
    """Show it; gives the samples in the order that was chosen, that order, and how they are to be shown."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        query_box(state, "Keywords", "cat, dog: captions that hold any of them", width="stretch")
        load = guarded(functools.partial(take_scope, state), "samples")
        st.button("Load filtered samples", key="filter.load", type="primary", on_click=load)
    with st.container(horizontal=True, vertical_alignment="center"):
        switches(state)
        language_help()
        _saved(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        conditions(state)
        order = _order(state)
        view = st.segmented_control(
            "Show as", _VIEWS, default=_VIEWS[0], key="filter.view", required=True, persist_state="session"
        )
    scope_line(state)
    records: Sequence[ImageRecord] = []
    with error_boundary():
        _counts(state)
        records = in_order(state, order)
    return records, order, view


def _order(state: AppState) -> str:
    choices = orders(state)
    if st.session_state.get(_ORDER, ORDERS[0]) not in choices:
        # Another folder was opened, which has no clusters.
        st.session_state[_ORDER] = ORDERS[0]
    return st.selectbox("Sort by", choices, key=_ORDER, persist_state="session", width=180)


def _counts(state: AppState) -> None:
    counts = keyword_counts(state)
    if counts:
        rows = [("", keyword, f"{count:,}") for keyword, count in counts]
        pick_list(rows, label="Captions for each keyword", key="filter.counts", on_pick=lambda _: None, layout="wrap")


def _saved(state: AppState) -> None:
    with st.popover("Saved filters", icon=":material/bookmark:", type="tertiary"):
        saved = preferences(state).filters()
        if saved:
            use = guarded(functools.partial(use_filter, state), "samples")
            pick_list([(name, name, "") for name in saved], label="Saved filters", key="filter.saved", on_pick=use)
            gone = st.selectbox("Delete one", ["", *saved], key="filter.gone")
            drop = guarded(functools.partial(delete_filter, state, gone), "samples")
            st.button("Delete", key="filter.delete", on_click=drop, disabled=not gone)
        st.text_input("Name for this filter", key=_NAME)
        keep = guarded(functools.partial(_save, state), "samples")
        st.button("Save this filter", key="filter.save", on_click=keep, disabled=state.scope == Scope())


def _save(state: AppState) -> None:
    take_scope(state)
    save_filter(state, str(st.session_state[_NAME] or ""))
    st.session_state[_NAME] = ""
