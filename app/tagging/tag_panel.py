"""All tags (or frequent words) of the folder with their counts; a click puts one into the text.

Words are folded away: they help where captions are comma tags, and elsewhere they take the room.
"""

from __future__ import annotations

import functools

import streamlit as st

from app.elements.pick_list import pick_list
from app.elements.watcher import watch
from app.samples.editing import OpenImage, insert_term
from app.session.messages import guarded
from app.session.state import AppState
from lib.domain import Style
from lib.jobs.runner import Job
from lib.words import Vocabulary

_SHOWN = 300


def tag_panel(state: AppState, image: OpenImage, vocabulary: Vocabulary, counting: Job | None) -> None:
    """Show the most frequent terms, once they are counted."""
    if counting is not None:
        st.caption("Counting the words …")
        watch(counting, every=0.4)
        return
    title = "Tags" if vocabulary.kind == "tags" else "Frequent words"
    with st.expander(f"{title} ({vocabulary.distinct:,})", expanded=title == "Tags", key="tagging.terms_fold"):
        _terms(state, image, vocabulary)


def _terms(state: AppState, image: OpenImage, vocabulary: Vocabulary) -> None:
    contains = st.text_input("Find", key="tagging.terms", placeholder="Find", label_visibility="collapsed", live=True)
    terms = vocabulary.top(_SHOWN, contains or "")
    style: Style = "tags" if vocabulary.kind == "tags" else "sentence"
    if not terms:
        st.caption("No tag holds this." if contains else "Nothing is tagged yet.")
        return
    pick_list(
        [(term, term, f"{count:,}") for term, count in terms],
        label="Tags" if style == "tags" else "Frequent words",
        key="tagging.term_list",
        on_pick=guarded(functools.partial(_insert, state, image.name, style), "text"),
        height="max(14rem, calc(100vh - 40rem))",
        verb="Add",
    )


def _insert(state: AppState, name: str, style: Style, term: str) -> None:
    insert_term(state, name, term, style)
