"""The picture of the words, and beside it the list of all their counts; a click on a word there shows its samples."""

from __future__ import annotations

import functools

import streamlit as st

from app.elements.word_cloud import word_cloud
from app.samples.state import Galleries
from app.session.messages import guarded, plain
from app.session.state import AppState
from app.word_cloud.state import WordsState
from app.word_cloud.word_counts import Loaded
from app.word_cloud.word_samples import found_samples
from app.word_cloud.word_search import CLOUD, KEY, LIST, find_term, key_of
from lib.scope import in_words
from lib.text import counted
from lib.words import Cloud

_LISTED = 5_000
"""Words in the list; all of them are in the download."""


def word_picture(state: AppState, loaded: Loaded) -> None:
    """Show it."""
    counts = loaded.counts
    unit = counts.counting.unit.removesuffix("s")
    sizes = ((loaded.captions, "caption"), (counts.total, unit), (counts.distinct, "different one"))
    st.caption(plain(f"{in_words(loaded.scope)}: {', '.join(counted(*size) for size in sizes)}"))
    job = state.of(WordsState).found if state.of(WordsState).beside_picture else None
    if is_open := job is not None and state.of(Galleries).at(KEY).is_open:
        found_samples(state)
    # Of one width with and without samples, so that the word under the pointer stays there.
    picture, beside = st.columns([7, 5], gap="medium")
    with picture:
        if loaded.cloud is None:
            st.caption("There is no word to draw.")
        else:
            _picture(state, loaded, loaded.cloud)
            _left_out(loaded.cloud)
        _downloads(loaded)
    with beside:
        if job is None or is_open:
            _list(state, loaded)
        else:
            found_samples(state)


def _picture(state: AppState, loaded: Loaded, cloud: Cloud) -> None:
    words = state.of(WordsState)
    assert words.loaded is not None
    word_cloud(
        cloud,
        drawing=words.loaded.id,
        samples=loaded.counts.samples,
        chosen=words.term if words.found is not None else "",
        key=CLOUD,
        on_pick=guarded(lambda word: find_term(state, loaded, word, CLOUD), "words"),
    )


def _left_out(cloud: Cloud) -> None:
    for words, why in (
        (cloud.undrawable, "with letters that no font here has, or too long"),
        (cloud.no_room, "no room was left"),
    ):
        if words:
            with st.expander(f"Not drawn, but in the list ({len(words):,}): {why}"):
                st.text(", ".join(words))


def _downloads(loaded: Loaded) -> None:
    with st.container(horizontal=True):
        if loaded.cloud is not None:
            st.download_button("PNG", loaded.cloud.png, "words.png", "image/png", key="words.png", on_click="ignore")
            st.download_button(
                "SVG", loaded.cloud.svg, "words.svg", "image/svg+xml", key="words.svg", on_click="ignore"
            )
        st.download_button("CSV", loaded.csv, "words.csv", "text/csv", key="words.csv", on_click="ignore")


def _list(state: AppState, loaded: Loaded) -> None:
    import pandas as pd

    top = loaded.counts.top(_LISTED)
    terms = list(top)
    key, unit = key_of(state, LIST), loaded.counts.counting.unit.removesuffix("s").capitalize()
    st.dataframe(
        pd.DataFrame(
            {unit: terms, "Count": list(top.values()), "Samples": [loaded.counts.samples[one] for one in top]}
        ),
        key=key,
        hide_index=True,
        height=400,
        on_select=guarded(functools.partial(_picked, state, loaded, terms, key), "words"),
        selection_mode="single-row",
        alt="All words with their counts",
    )
    st.caption("Count: how often it occurs. Samples: in how many captions, as Keyword Filter finds with Whole words.")
    if loaded.counts.distinct > _LISTED:
        st.caption(f"The first {_LISTED:,} are listed; the CSV has all.")


def _picked(state: AppState, loaded: Loaded, terms: list[str], key: str) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        find_term(state, loaded, terms[rows[0]], LIST)
