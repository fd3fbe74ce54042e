"""What is wrong with the open folder, each kind with its count, its list, and a way to the image."""

from __future__ import annotations

import functools

import streamlit as st

from app.elements.pick_list import pick_list
from app.samples.navigate import visit
from app.samples.state import ProblemsState
from app.session.messages import guarded
from app.session.open_dataset import preferences
from app.session.state import AppState
from lib.dataset.base import Dataset
from lib.text import counted

_LISTED = 500
_DRAFTS = "Typed but not saved"

ProblemRow = tuple[str, str, str]


def problems_panel(state: AppState, dataset: Dataset) -> None:
    """A button with the number of problems, and one with that of drafts, which are none; nothing while there are none.

    Both open the one list.
    """
    kinds = _kinds(state, dataset)
    if not kinds:
        return
    open_it, close_it = (functools.partial(_set_open, state, is_open) for is_open in (True, False))
    drafts = sum(len(rows) for title, rows in kinds if title == _DRAFTS)
    if problems := sum(len(rows) for _, rows in kinds) - drafts:
        st.button(f"{problems:,} to look at", key="problems.open", icon=":material/warning:", on_click=open_it)
    if drafts:
        help = "Typed but not saved"
        label = counted(drafts, "draft")
        st.button(
            label, key="problems.drafts", icon=":material/edit_note:", help=help, type="tertiary", on_click=open_it
        )
    if state.of(ProblemsState).is_open:
        # Drawn at every run while it is open, since the page runs again when a job in the background ends.
        st.dialog("To look at", width="large", on_dismiss=close_it)(_problem_list)(state, kinds)


def _kinds(state: AppState, dataset: Dataset) -> list[tuple[str, list[ProblemRow]]]:
    """Each kind of problem with its rows: the image to go to ("" for none), text, note."""
    drafts = [name for name in preferences(state).unsaved(dataset.root) if dataset.index_of(name) is not None]
    kinds: list[tuple[str, list[ProblemRow]]] = [
        (_DRAFTS, [(name, name, "draft") for name in drafts]),
        ("Unreadable images", [(name, name, reason) for name, reason in dataset.unreadable.items()]),
        ("Tag files that are not readable text", [(name, name, "convert") for name in dataset.undecodable]),
        ("Images that share a tag file", [(names[0], ", ".join(names), "settle") for names in dataset.unsettled()]),
        ("Tag files without an image", [("", name, "") for name in dataset.orphans]),
        ("Folders that could not be listed", [("", name, reason) for name, reason in dataset.unlistable.items()]),
    ]
    return [(title, rows) for title, rows in kinds if rows]


def _set_open(state: AppState, is_open: bool) -> None:
    state.of(ProblemsState).is_open = is_open


def _problem_list(state: AppState, kinds: list[tuple[str, list[ProblemRow]]]) -> None:
    for title, rows in kinds:
        st.markdown(f"**{title}** ({len(rows):,})")
        go = guarded(functools.partial(_go, state))
        pick_list(rows[:_LISTED], label=title, key=f"problems.{title}", on_pick=go, height="10rem")
        if len(rows) > _LISTED:
            st.caption(f"The first {_LISTED:,} are listed.")
    st.caption("A click on an image shows it, with the ways out beside its text.")
    if not state.of(ProblemsState).is_open:
        # A choice was made: only a run of the whole page shows it, and takes the dialog away.
        st.rerun()


def _go(state: AppState, name: str) -> None:
    _set_open(state, False)
    visit(state, name)
