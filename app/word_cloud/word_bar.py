"""The top of the Word Cloud page: what is counted as a word, what it is compared with, and Load Word Cloud.

The first count begins by itself.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, get_args

import streamlit as st

from app.elements.watcher import going_on, watch
from app.samples.cluster_choices import cluster_choices, kept_groupings
from app.session.jobs import kept_here
from app.session.messages import guarded, notice, show_error, show_kept
from app.session.open_dataset import preferences
from app.session.state import AppState
from app.word_cloud.state import WordsState
from app.word_cloud.word_counts import REST, CountOptions, Loaded, begin, is_stale, load, stop_words_of
from app.word_cloud.word_picture import PICTURE, SIDE_BY_SIDE
from lib.errors import InvalidInput
from lib.scope import Scope
from lib.text import counted
from lib.words import Unit, stop_words

_UNITS: dict[Unit, str] = {"words": "Single words", "pairs": "Pairs", "tags": "Whole tags"}
_UNIT, _CLUSTER, _AGAINST, _BY = "words.unit", "words.cluster", "words.against", "words.by"
_CASE, _PUNCTUATION, _PLURALS, _SEED = "words.case", "words.punctuation", "words.plurals", "words.seed"
_STOP = "words.stop"


def word_bar(state: AppState) -> Loaded | None:
    """Show it; gives what was counted last."""
    filters, clusters = list(preferences(state).filters()), cluster_choices(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Count", get_args(Unit), format_func=_UNITS.__getitem__, default="words", key=_UNIT, required=True,
            persist_state="session",
        )  # fmt: skip
        if clusters:
            _choice("Cluster number", {"": "All", **clusters}, _CLUSTER, 200)
        others = {name: label for name, label in clusters.items() if name != st.session_state.get(_CLUSTER)}
        saved = {name: name for name in filters}
        # Where everything is counted there is no rest.
        rest = {REST: REST} if state.scope != Scope() or st.session_state.get(_CLUSTER) else {}
        _choice("Compare with", {"": "Nothing", **rest, **others, **saved}, _AGAINST, 200)
        _choice("Side by side", {"": "Nothing", **_sides(state, filters)}, _BY, 170)
    # A row of its own, so that Load stands in the same place however wide the window is.
    with st.container(horizontal=True):
        press = guarded(functools.partial(_load, state), "words")
        st.button("Load Word Cloud", key="words.load", type="primary", on_click=press)
        with st.popover("Options", icon=":material/tune:"):
            _options()
        with st.popover("Stop words", icon=":material/block:"):
            _stop_words(state)
    if not clusters:
        _no_clusters()
    show_kept("words")
    return _loaded(state)


def _choice(label: str, choices: Mapping[Any, str], key: str, width: int) -> None:
    """One of them, by what people read; the first one where the chosen one is gone meanwhile."""
    if st.session_state.get(key, "") not in choices:
        st.session_state[key] = ""
    st.selectbox(label, list(choices), format_func=choices.__getitem__, key=key, width=width, persist_state="session")


def _sides(state: AppState, filters: list[str]) -> dict[str, str]:
    assert state.dataset is not None
    sides = ["Folders"] * (len(state.dataset.folders) > 1) + ["Saved filters"] * (len(filters) > 1)
    return {name: name for name in (*sides, *kept_groupings(state))}


def _no_clusters() -> None:
    # What was chosen in another folder means nothing here.
    st.session_state[_CLUSTER] = ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Clusters can be counted and compared as well, once there are some.", width="content")
        if st.button("Clusters", key="words.clusters", icon=":material/scatter_plot:", type="tertiary"):
            st.switch_page("../pages/clusters.py")


def _options() -> None:
    st.checkbox("Capitals count as small letters", value=True, key=_CASE, persist_state="session")
    st.checkbox("Leave punctuation out", value=True, key=_PUNCTUATION, persist_state="session")
    st.checkbox("Count plurals as one (dogs as dog)", key=_PLURALS, persist_state="session")
    st.number_input(
        "Arrangement", 1, 9999, 7, key=_SEED, persist_state="session", help="The same number gives the same picture."
    )


def _stop_words(state: AppState) -> None:
    added, removed = preferences(state).stop_words()
    is_are = "is" if len(stop_words_of(state)) == 1 else "are"
    st.caption(f"{counted(len(stop_words_of(state)), 'common word')} {is_are} not counted.")
    # In a form Enter presses the first button, and no word is taken in by merely leaving the field.
    with st.form("words.stop.form", border=False):
        st.text_input("Words, with commas between", key=_STOP)
        with st.container(horizontal=True):
            for label, is_one in (("Leave out", True), ("Count again", False)):
                change = guarded(functools.partial(_change, state, is_one=is_one), "words")
                st.form_submit_button(label, key=f"words.stop.{is_one}", on_click=change)
    usual = stop_words()
    shown = (
        ("Left out beside the usual ones", added - usual),
        # What was left out and is counted again was never one of the usual ones.
        ("Counted, though usually left out", removed & usual),
    )
    for title, words in shown:
        if words:
            st.caption(title)
            st.text(", ".join(sorted(words)))
    if added or removed:
        reset = guarded(preferences(state).reset_stop_words, "words")
        st.button("Back to the usual ones", key="words.stop.reset", type="tertiary", on_click=reset)


def _change(state: AppState, *, is_one: bool) -> None:
    preferences(state).change_stop_words(str(st.session_state[_STOP] or "").split(","), is_one=is_one)
    st.session_state[_STOP] = ""


def _present() -> CountOptions:
    """What the fields hold now."""
    kept = st.session_state
    return CountOptions(
        unit=kept[_UNIT],
        fold_case=kept[_CASE],
        drop_punctuation=kept[_PUNCTUATION],
        fold_plurals=kept[_PLURALS],
        seed=kept[_SEED],
        cluster=kept[_CLUSTER] or None,
        against=kept[_AGAINST],
        by=kept[_BY],
        dark=st.context.theme.type == "dark",
    )


def _load(state: AppState) -> None:
    options, before = _present(), kept_here(state.of(WordsState).loaded)
    known = before.result.options if before is not None and isinstance(before.result, Loaded) else CountOptions()
    load(state, options)
    if (options.by, options.against) != (known.by, known.against):
        # What was asked for just now is what is seen first.
        st.session_state[PICTURE] = SIDE_BY_SIDE


def _loaded(state: AppState) -> Loaded | None:
    if state.of(WordsState).loaded is None:
        # What is wrong with the query is told below its box.
        with suppress(InvalidInput):
            begin(state, _present())
    job = kept_here(state.of(WordsState).loaded)
    if job is None:
        st.caption("Counts the words of the images in scope. Nothing on disk changes.")
    elif job.is_active:
        watch(job, every=0.2, show=going_on)
    elif job.error is not None:
        show_error(job.error)
    elif isinstance(job.result, Loaded):
        if is_stale(state, job.result, _present()):
            notice("info", "The settings, the scope or the captions have changed since.", "Load it again.")
        return job.result
    else:
        st.caption("Stopped. Load Word Cloud counts the words of the images in scope.")
    return None
