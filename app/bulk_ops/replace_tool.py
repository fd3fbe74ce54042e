"""Find and replace: look at each match, replace this one, or all after a preview."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import streamlit as st

from app.bulk_ops.edits import Replace, preview
from app.bulk_ops.match_walk import match_walk
from app.bulk_ops.matches import find
from app.bulk_ops.preview_panel import preview_panel
from app.bulk_ops.state import BulkState
from app.samples.scope_bar import scope_note
from app.session.messages import guarded
from app.session.state import AppState
from lib.bulk import Find
from lib.domain import ImageRecord
from lib.errors import InvalidInput

TOOL = "replace"
_FIND, _WITH = "bulk.find", "bulk.with"
_REGEX, _IGNORE_CASE, _WHOLE_WORD = "bulk.regex", "bulk.ignore_case", "bulk.whole_word"


def bulk_replace(state: AppState, records: Sequence[ImageRecord]) -> None:
    """Show the tool. `records`: those in scope."""
    left, right = st.columns(2)
    left.text_input("Find", key=_FIND, persist_state="session")
    right.text_input("Replace with", key=_WITH, placeholder="nothing: the match is removed", persist_state="session")
    with st.container(horizontal=True):
        st.checkbox("Ignore case", key=_IGNORE_CASE, persist_state="session")
        st.checkbox("Whole word", key=_WHOLE_WORD, persist_state="session")
        st.checkbox(
            "Regular expression",
            key=_REGEX,
            persist_state="session",
            help=r"Groups in brackets are \1, \2 in the replacement.",
        )
    edit = _present()
    with st.container(horizontal=True, vertical_alignment="center"):
        look = guarded(functools.partial(_find, state), "bulk")
        # Never greyed out: what is just being typed is here only after the click.
        st.button("Find", key="bulk.look", icon=":material/search:", on_click=look)
        show = guarded(functools.partial(_preview, state), "bulk")
        st.button("Preview replace all", key="bulk.preview", on_click=show)
        scope_note(state, records)
    match_walk(state, edit)
    preview_panel(
        state,
        TOOL,
        edit,
        "Find shows each match with its image, and Replace this one writes at once. Preview shows what all would be.",
    )


def _present() -> Replace:
    """What the fields hold now."""
    kept = st.session_state
    what = Find(kept[_FIND] or "", kept[_REGEX], kept[_IGNORE_CASE], kept[_WHOLE_WORD])
    return Replace(what, kept[_WITH] or "")


def _find(state: AppState) -> None:
    find(state, _wanted().find)


def _preview(state: AppState) -> None:
    edit = _wanted()
    state.of(BulkState).found = None
    preview(state, TOOL, edit)


def _wanted() -> Replace:
    """What the fields hold now. Raises InvalidInput where that is nothing to find."""
    edit = _present()
    if not edit.find.pattern:
        raise InvalidInput("There is nothing to find yet.", "Type the words into Find.")
    return edit
