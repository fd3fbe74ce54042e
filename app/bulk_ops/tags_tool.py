"""Tag operations: remove, rename, sort and clean comma-separated tags."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from app.bulk_ops.edits import preview
from app.bulk_ops.preview_panel import preview_panel
from app.samples.scope_bar import scope_note
from app.session.messages import guarded
from app.session.state import AppState
from lib.bulk import (
    Deduplicate,
    LowerCase,
    MoveToFront,
    RemoveTag,
    RenameTag,
    SortByFrequency,
    SortTags,
    StripLeadIns,
    TagOperation,
    TidySpaces,
)
from lib.domain import ImageRecord
from lib.errors import InvalidInput

TOOL = "tags"
_FIELDS = {"bulk.tag": "Tag", "bulk.new_tag": "New name"}
_CHOICE, _TAG, _NEW, _IGNORE_CASE = "bulk.operation", "bulk.tag", "bulk.new_tag", "bulk.tag_ignore_case"


@dataclass(frozen=True, slots=True)
class _Entry:
    """One operation as it is offered: its name, what it does, and how it is made of the fields it asks for."""

    label: str
    what: str
    make: Callable[..., TagOperation]
    fields: tuple[str, ...] = ()


_ENTRIES = (
    _Entry(
        "Remove a tag",
        "Takes a comma-separated tag out of every caption in scope. Several may be given, with commas.",
        RemoveTag,
        (_TAG,),
    ),
    _Entry(
        "Rename a tag",
        "Writes the tag differently. Where the new one is there already, the old one just goes.",
        RenameTag,
        (_TAG, _NEW),
    ),
    _Entry("Move a tag to the front", "Puts a trigger word first, wherever it is there.", MoveToFront, (_TAG,)),
    _Entry("Remove repeated tags", "Keeps the first of equal tags.", Deduplicate),
    _Entry("Sort by the alphabet", "Tags that ||| pins keep their place.", SortTags),
    _Entry("Sort by frequency", "Puts first what most of the images in scope have.", SortByFrequency),
    _Entry("Trim and collapse spaces", "Trims tags, makes one space of several, drops empty tags.", TidySpaces),
    _Entry("Strip lead-ins", "Drops “This image shows”, “Here is a caption:” and the like.", StripLeadIns),
    _Entry("Lower-case", "Makes all letters small, but for those in wildcards.", LowerCase),
)
_BY_LABEL = {entry.label: entry for entry in _ENTRIES}


def bulk_tags(state: AppState, records: Sequence[ImageRecord]) -> None:
    """Show the tool. `records`: those in scope."""
    choice, tag, new = st.columns(3, vertical_alignment="bottom")
    choice.selectbox("Operation", list(_BY_LABEL), key=_CHOICE, persist_state="session")
    entry = _BY_LABEL[st.session_state[_CHOICE]]
    if _TAG in entry.fields:
        tag.text_input(_FIELDS[_TAG], key=_TAG, persist_state="session")
        st.checkbox("Ignore case", key=_IGNORE_CASE, persist_state="session")
    if _NEW in entry.fields:
        new.text_input(_FIELDS[_NEW], key=_NEW, persist_state="session")
    operation = _present()
    with st.container(horizontal=True, vertical_alignment="center"):
        show = guarded(functools.partial(_preview, state), "bulk")
        # Never greyed out: what is just being typed is here only after the click.
        st.button("Preview", key="bulk.preview", on_click=show)
        scope_note(state, records)
    preview_panel(state, TOOL, operation, entry.what)


def _present() -> TagOperation:
    """The operation that the fields describe now."""
    kept = st.session_state
    entry = _BY_LABEL[kept[_CHOICE]]
    if not entry.fields:
        return entry.make()
    return entry.make(*(kept.get(field) or "" for field in entry.fields), ignore_case=bool(kept.get(_IGNORE_CASE)))


def _preview(state: AppState) -> None:
    entry = _BY_LABEL[st.session_state[_CHOICE]]
    if not all((st.session_state.get(field) or "").strip() for field in entry.fields):
        raise InvalidInput("A tag is missing.", f"Fill in {' and '.join(_FIELDS[field] for field in entry.fields)}.")
    preview(state, TOOL, _present())
