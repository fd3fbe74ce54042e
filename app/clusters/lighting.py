"""Light up samples on the map by words in their captions: what is seen there, and no other page's scope."""

from __future__ import annotations

import functools
from dataclasses import replace

import streamlit as st

from app.clusters.in_scope import names_in_scope
from app.clusters.state import ClustersState
from app.elements.watcher import watch
from app.samples.query_help import query_help
from app.samples.scope import select_again, set_scope
from app.session.messages import guarded, show_error
from app.session.open_dataset import opened
from app.session.state import AppState
from lib.scope import Scope, in_words

_QUERY = "clusters.light"
_SWITCHES = {
    "every_keyword": "Every keyword",
    "whole_words": "Whole words",
    "regex": "Regular expressions",
}


def lit_names(state: AppState) -> frozenset[str] | None:
    """The samples that are bright: those that hold what was typed, within the scope. None where that is all.

    A query that cannot be used leaves those of the last good one.
    """
    scope, page = names_in_scope(state), state.of(ClustersState)
    wanted = _wanted(state)
    if not wanted.query.strip():
        page.lit = page.not_lit = None
        return scope
    found = select_again(state, wanted, page.lit, page.not_lit)
    if found.refusal is None:
        page.lit, page.not_lit = found, None
    else:
        page.not_lit = found
    if page.lit is None:
        return scope
    if page.lit.names is None:
        page.lit.names = frozenset(record.name for record in page.lit.records)
    return page.lit.names if scope is None else page.lit.names & scope


def light_bar(state: AppState) -> None:
    """Show the box, how it is read once something is typed, and how many samples are lit."""
    with st.container(horizontal=True, vertical_alignment="bottom", wrap=False, gap="xsmall"):
        st.text_input(
            "Light up samples whose tag holds",
            key=_QUERY,
            placeholder="words, with commas between",
            live=True,
            persist_state="session",
        )
        query_help(state, on_add=functools.partial(_add, state), part=_QUERY)
    # Always the same place, filled or not: what stands below would be made anew where it moves on.
    with st.container(gap="xsmall"):
        if _wanted(state).query.strip():
            with st.container(horizontal=True, gap="small"):
                for part, label in _SWITCHES.items():
                    st.checkbox(label, key=f"{_QUERY}.{part}", persist_state="session")
            _found(state)


def _found(state: AppState) -> None:
    page, lit = state.of(ClustersState), lit_names(state)
    if page.not_lit is not None and page.not_lit.refusal is not None:
        show_error(page.not_lit.refusal)
        watch(page.not_lit.waits_for, every=0.5)
    if lit is None or page.lit is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.caption(f"{len(lit):,} of {len(opened(state)[0]):,} lit", width="content")
        use = guarded(functools.partial(_use, state, lit), "clusters")
        what = "Other pages, too, are then about these images alone."
        st.button("Use as scope", key="clusters.light.use", type="tertiary", help=what, on_click=use, disabled=not lit)
        clear = guarded(_clear, "clusters", is_action=False)
        st.button("Clear", key="clusters.light.clear", type="tertiary", icon=":material/close:", on_click=clear)


def _wanted(state: AppState) -> Scope:
    """What is typed, as it is read."""
    kept, page = st.session_state, state.of(ClustersState)
    if _QUERY in kept:
        every, whole, regex = (bool(kept.get(f"{_QUERY}.{part}")) for part in _SWITCHES)
        page.light = Scope(query=str(kept[_QUERY] or ""), every_keyword=every, whole_words=whole, regex=regex)
    return page.light


def _use(state: AppState, lit: frozenset[str]) -> None:
    wanted = _wanted(state)
    if state.scope.query:
        # Two queries that are read in different ways cannot be made one.
        set_scope(state, replace(state.scope, names=lit, label=in_words(wanted)))
    else:
        switches = {part: getattr(wanted, part) for part in _SWITCHES}
        set_scope(state, replace(state.scope, query=wanted.query, **switches))
    _clear()


def _clear() -> None:
    # The browser has emptied it already, and what was typed there since stays.
    if st.session_state.get(_QUERY):
        st.session_state[_QUERY] = ""


def _add(state: AppState, written: str) -> None:
    query = _wanted(state).query.strip()
    st.session_state[_QUERY] = f"({query}) AND {written}" if query else written
    st.session_state[f"{_QUERY}.regex"] = False
