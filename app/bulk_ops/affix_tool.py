"""Add to all tags: words before or after, where they are not there yet."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import streamlit as st

from app.bulk_ops.edits import Affix, preview
from app.bulk_ops.preview_panel import preview_panel
from app.samples.scope_bar import scope_note
from app.session.messages import guarded
from app.session.state import AppState
from lib.domain import ImageRecord
from lib.errors import InvalidInput

TOOL = "affix"
_PREFIX, _SUFFIX, _SEPARATOR, _MISSING = "bulk.prefix", "bulk.suffix", "bulk.separator", "bulk.only_missing"
_BLANK = "bulk.also_blank"
_SEPARATORS = {", ": "Comma", " ": "Space", "\n": "New line", "": "Nothing"}


def bulk_affix(state: AppState, records: Sequence[ImageRecord]) -> None:
    """Show the tool. `records`: those in scope."""
    before, after, between = st.columns([5, 5, 2])
    before.text_input("Put before each tag", key=_PREFIX, persist_state="session")
    after.text_input("Put after each tag", key=_SUFFIX, persist_state="session")
    between.selectbox(
        "With between",
        list(_SEPARATORS),
        format_func=_SEPARATORS.__getitem__,
        key=_SEPARATOR,
        persist_state="session",
    )
    with st.container(horizontal=True):
        st.checkbox("Only where it is not there already", value=True, key=_MISSING, persist_state="session")
        st.checkbox(
            "Also where there is no tag",
            key=_BLANK,
            help="The words become the tag of images that have none, which then count as tagged.",
            persist_state="session",
        )
    edit = _present(state)
    with st.container(horizontal=True, vertical_alignment="center"):
        show = guarded(functools.partial(_preview, state), "bulk")
        # Never greyed out: what is just being typed is here only after the click.
        st.button("Preview", key="bulk.preview", on_click=show)
        scope_note(state, records)
    preview_panel(state, TOOL, edit, "The words are put before or after the tag of every image in scope that has one.")


def _present(state: AppState) -> Affix:
    """What the fields hold now. Who has chosen the images without a tag means them."""
    kept = st.session_state
    also_blank = kept[_BLANK] or state.scope.tagged == "untagged"
    return Affix(kept[_PREFIX] or "", kept[_SUFFIX] or "", kept[_SEPARATOR], kept[_MISSING], also_blank)


def _preview(state: AppState) -> None:
    edit = _present(state)
    if not (edit.prefix.strip() or edit.suffix.strip()):
        raise InvalidInput("There are no words to add yet.", "Type what is to stand before or after each tag.")
    preview(state, TOOL, edit)
