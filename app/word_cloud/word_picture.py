"""The picture of the words, and beside it the list of all their counts; a click on a word there shows its samples."""

from __future__ import annotations

import functools
from dataclasses import replace

import streamlit as st

from app.elements.word_cloud import CloudGroup, small_word_clouds, word_cloud
from app.samples.pager import pager
from app.samples.state import Galleries
from app.session.messages import guarded, plain
from app.session.state import AppState
from app.word_cloud.state import WordsState
from app.word_cloud.word_counts import Loaded
from app.word_cloud.word_samples import found_samples
from app.word_cloud.word_search import CLOUD, KEY, LIST, SIDES, find_in_side, find_term, key_of
from lib.scope import in_words
from lib.text import counted
from lib.words import Cloud

PICTURE, ONE_CLOUD, SIDE_BY_SIDE = "words.picture", "One cloud", "Side by side"
_VIEWS = (ONE_CLOUD, SIDE_BY_SIDE)
_A_PAGE = 12
"""Clouds side by side on a page."""
_LISTED = 5_000
"""Words in the list; all of them are in the download."""


def word_picture(state: AppState, loaded: Loaded) -> None:
    """Show it."""
    counts = loaded.counts
    unit = counts.counting.unit.removesuffix("s")
    sizes = ((loaded.captions, "caption"), (counts.total, unit), (counts.distinct, "different one"))
    st.caption(plain(f"{in_words(loaded.scope)}: {', '.join(counted(*size) for size in sizes)}"))
    job = state.of(WordsState).found if state.of(WordsState).beside_picture else None
    view = _view(loaded)
    if is_open := job is not None and state.of(Galleries).at(KEY).is_open:
        found_samples(state)
    # Of one width with and without samples, so that the word under the pointer stays there.
    picture, beside = st.columns([7, 5], gap="medium")
    with picture:
        if view == SIDE_BY_SIDE:
            _side_by_side(state, loaded)
        elif loaded.cloud is None:
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


def _view(loaded: Loaded) -> str:
    """One cloud of all that was counted, or, where there is something to compare, small ones side by side."""
    if not loaded.sides:
        return ONE_CLOUD
    if st.session_state.get(PICTURE) not in _VIEWS:
        st.session_state[PICTURE] = SIDE_BY_SIDE
    return str(st.segmented_control("Picture", _VIEWS, key=PICTURE, required=True, label_visibility="collapsed"))


def _side_by_side(state: AppState, loaded: Loaded) -> None:
    words = state.of(WordsState)
    assert words.loaded is not None
    assert loaded.small is not None
    pages = -(-len(loaded.sides) // _A_PAGE)
    page = pager(pages, key=f"words.sides.{pages}") if pages > 1 else 1
    first = (page - 1) * _A_PAGE
    shown = loaded.sides[first : first + _A_PAGE]
    names = [side.name for side in shown]
    is_here = words.found is not None and words.side in names
    small_word_clouds(
        replace(loaded.small, clouds=loaded.small.clouds[first : first + _A_PAGE]),
        [CloudGroup(side.name, side.captions, side.counts.samples) for side in shown],
        drawing=f"{words.loaded.id}.{page}",
        chosen=(names.index(words.side), words.term) if is_here else None,
        key=SIDES,
        on_pick=guarded(lambda place, word: find_in_side(state, loaded, first + place, word), "words"),
    )
    st.caption(
        "As large in one cloud as in another: held by as large a share of its captions. Rarer words are left out."
    )


def _picture(state: AppState, loaded: Loaded, cloud: Cloud) -> None:
    words = state.of(WordsState)
    assert words.loaded is not None
    word_cloud(
        cloud,
        drawing=words.loaded.id,
        samples=loaded.counts.samples,
        chosen=words.term if words.found is not None and not words.side else "",
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
