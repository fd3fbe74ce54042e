"""The line above the history: undo and redo of one's own latest operation, and which operations are listed."""

from __future__ import annotations

import functools
from typing import Literal

import streamlit as st

from app.history.state import HistoryState
from app.history.undo_redo import FILES_FOUND, journal_of, undo_redo, wanted
from app.samples.history_words import model_labels, title_of, where
from app.session.messages import guarded, plain, show_kept
from app.session.state import AppState
from lib.dataset.journal.pages import OperationFilter
from lib.dataset.journal.rows import OperationEntry

_WHICH = ("Everything", "Many files")


def history_bar(state: AppState, *, is_busy: bool) -> OperationFilter:
    """Show the buttons, greyed while something is undone (`is_busy`), and the filters; gives what is to be listed."""
    journal = journal_of(state)
    with st.container(horizontal=True, vertical_alignment="center"):
        _undo_button(state, journal.newest_undoable(state.owner), "undo", is_busy)
        _undo_button(state, journal.newest_redoable(state.owner), "redo", is_busy)
        which = st.segmented_control(
            "Show",
            _WHICH,
            default=_WHICH[0],
            required=True,
            key="history.which",
            label_visibility="collapsed",
            persist_state="session",
        )
        find = st.text_input(
            "File",
            key="history.find",
            placeholder="File name",
            label_visibility="collapsed",
            icon=":material/search:",
            width=220,
            persist_state="session",
        )
        blanks = st.checkbox(
            "Blank tag files",
            key="history.blanks",
            help="An image without a tag file gets an empty one when it is looked at.",
            persist_state="session",
        )
    show_kept("history")
    chosen = wanted(state, many=which == _WHICH[1], blanks=blanks, find=find or "")
    if chosen.paths is not None and len(chosen.paths) > FILES_FOUND + 1:
        st.caption(f"More than {FILES_FOUND:,} files have such a name; type more of it to search all of them.")
    return chosen


def _undo_button(state: AppState, entry: OperationEntry | None, way: Literal["undo", "redo"], is_busy: bool) -> None:
    """A button that stands for the operation it names, so that a second click does not take back another one."""
    back = way == "undo"
    state.of(HistoryState).stands_for(way, entry.operation if entry else None)
    st.button(
        "Undo last" if back else "Redo",
        key=f"history.{way}",
        icon=f":material/{way}:",
        help=plain(f"{title_of(entry, model_labels())}: {where(entry)}") if entry else None,
        on_click=guarded(functools.partial(undo_redo, state, way, entry.operation, back=back), "history")
        if entry
        else None,
        disabled=entry is None or is_busy,
    )
