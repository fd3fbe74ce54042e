"""The samples behind what was clicked on the Word Cloud page."""

from __future__ import annotations

import functools
import html

import streamlit as st

from app.elements.watcher import watch
from app.samples.sample_gallery import sample_gallery
from app.samples.state import Galleries
from app.session.jobs import kept_here
from app.session.messages import guarded, show_error
from app.session.state import AppState
from app.word_cloud.state import WordsState
from app.word_cloud.word_charts import VIEW, WIDE_VIEWS, word_charts
from app.word_cloud.word_counts import Loaded
from app.word_cloud.word_search import KEY, Found, forget_found, marks_of, records_of, use_found
from lib.text import counted


def word_details(state: AppState, loaded: Loaded) -> None:
    """Show the charts, and the samples of what was clicked in them; an open sample takes the whole width."""
    job = kept_here(state.of(WordsState).found)
    if job is None or state.of(WordsState).beside_picture:
        st.caption("A click on a word, on a row of the list or on a bar shows the samples that hold it.")
        word_charts(state, loaded)
    elif state.of(Galleries).at(KEY).is_open:
        found_samples(state)
        word_charts(state, loaded)
    elif st.session_state.get(VIEW) in WIDE_VIEWS:
        word_charts(state, loaded)
        found_samples(state)
    else:
        charts, samples = st.columns([4, 8], gap="medium")
        with charts:
            word_charts(state, loaded)
        with samples:
            found_samples(state)


def found_samples(state: AppState) -> None:
    """Show the samples of what was clicked; nothing before a click."""
    job = kept_here(state.of(WordsState).found)
    if job is None:
        return
    if job.is_active:
        watch(job, every=0.3, show=lambda running: st.caption(f"Looking for samples … {running.seconds:.0f} s"))
    elif job.error is not None:
        show_error(job.error)
    elif isinstance(job.result, Found):
        _found(state, job.result)


def _found(state: AppState, found: Found) -> None:
    records = records_of(state, found)
    samples = counted(len(records), "sample")
    if found.times:
        samples = f"{counted(found.times, 'time')} in {samples}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f"<div class='toolkit-name'>{html.escape(found.title)} <small>{samples}</small></div>", width="content")
        use = guarded(functools.partial(use_found, state, found), "words")
        st.button("Use as scope", key="words.use", type="tertiary", icon=":material/filter_alt:", on_click=use)
        close = guarded(functools.partial(forget_found, state), "words")
        st.button("Close", key="words.close", type="tertiary", on_click=close)
    sample_gallery(state, records, key=KEY, spans_for=marks_of(found))
