"""What is wrong with the open folder, each kind with its count, its list, and a way to the image."""

from __future__ import annotations

import functools

import streamlit as st

from app.components.pick_list import pick_list
from app.components.watcher import watch
from app.editing import take_typed
from app.messages import guarded
from app.opening import check_job, go_to
from app.state import AppState
from lib.dataset.collection import Dataset

_LISTED = 500

Row = tuple[str, str, str]


def problems_panel(state: AppState, dataset: Dataset) -> None:
    """A button with the number of problems; nothing while there are none."""
    job = check_job(state, dataset)
    kinds = _kinds(dataset)
    if kinds:
        count = sum(len(rows) for _, rows in kinds)
        with st.popover(f"{count:,} to look at", icon=":material/warning:", width="stretch"):
            for title, rows in kinds:
                st.markdown(f"**{title}** ({len(rows):,})")
                go = guarded(functools.partial(_go, state))
                pick_list(rows[:_LISTED], label=title, key=f"problems.{title}", on_pick=go, height="10rem")
            st.caption("A click on an image shows it, with the ways out beside its text.")
    watch(job, every=2.0, show=lambda running: st.caption(f"Checking images: {running.done:,} of {running.total:,}"))


def _kinds(dataset: Dataset) -> list[tuple[str, list[Row]]]:
    """Each kind of problem with its rows: the image to go to, text, note."""
    kinds: list[tuple[str, list[Row]]] = [
        ("Unreadable images", [(name, name, reason) for name, reason in dataset.unreadable.items()]),
        ("Tag files that are not readable text", [(name, name, "convert") for name in dataset.undecodable]),
        (
            "Images that share a tag file",
            [(names[0], ", ".join(names), "settle") for names in dataset.shared_stems.values()],
        ),
        ("Tag files without an image", [("", name, "") for name in dataset.orphans]),
        ("Folders that could not be listed", [("", name, reason) for name, reason in dataset.unlistable.items()]),
    ]
    return [(title, rows) for title, rows in kinds if rows]


def _go(state: AppState, name: str) -> None:
    take_typed(state)
    go_to(state, name)
