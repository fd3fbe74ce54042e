"""What stands in the place of a page that cannot be shown yet."""

from __future__ import annotations

import streamlit as st

from app.elements.watcher import watch
from app.samples.problems_panel import problems_panel
from app.session.brought_maps import map_that_comes
from app.session.messages import notice, plain
from app.session.state import AppState
from app.shell.start_screen import start_screen, ways
from lib.dataset.base import Dataset
from lib.tables.dataset import TableDataset


def has_folder(state: AppState) -> bool:
    """True where a folder is open; else the start screen is shown."""
    if state.dataset is None:
        start_screen(state)
    return state.dataset is not None


def has_images(state: AppState) -> bool:
    """True where a folder with images is open; else it is said what is missing, with a way to it."""
    if not has_folder(state) or state.dataset is None:
        return False
    if not len(state.dataset):
        _empty_folder(state, state.dataset)
    return len(state.dataset) > 0


_AHEAD = 100_000
"""Captions of a table up to which what maps need is imported before one is asked for: it takes 80 MB."""


def may_have_a_map(state: AppState) -> bool:
    """Whether what is open can be put on a map: a table without captions cannot."""
    return not isinstance(state.dataset, TableDataset) or state.dataset.tagged > 0


def prepares_for_a_map(state: AppState) -> bool:
    """Whether what a map takes is imported once this is open."""
    return not isinstance(state.dataset, TableDataset) or 0 < state.dataset.tagged <= _AHEAD


def works_here(state: AppState, page: str) -> bool:
    """True unless a page can do nothing with what is open, or has to wait for something of it; then that is said."""
    if page != "clusters":
        return True
    if may_have_a_map(state):
        return not _waits_for_its_map(state)
    st.title("Not for a table", anchor=False)
    why = "A map of a table is made of its captions, and this one has none."
    notice("info", why, "All pages but this one work on it.")
    return False


def _waits_for_its_map(state: AppState) -> bool:
    """Show that clusters which came with what is open are being read, while they are."""
    job = map_that_comes(state, state.dataset) if state.dataset is not None else None
    if job is None:
        return False
    st.title("Clusters", anchor=False)
    watch(job, every=0.25, show=lambda job: st.caption(f"{plain(job.title)} … {job.seconds:.0f} s"))
    return True


def _empty_folder(state: AppState, dataset: Dataset) -> None:
    """Say that there are no images, what else was found, and offer what to do: put some there, or open another."""
    st.title("No images here", anchor=False)
    notice("info", f"No images were found in {dataset.root}.", "Add some and press Reload, or choose another folder.")
    problems_panel(state, dataset)
    ways(state)
