"""Opening a folder for a session: permission, scan, store, and the work that goes on in the background."""

from __future__ import annotations

import functools
from pathlib import Path

import streamlit as st

from app.state import AppState, TaggingState
from lib import cache
from lib.dataset.collection import Dataset
from lib.dataset.journal import journal_for
from lib.dataset.problems import check_images
from lib.dataset.sample import make_sample
from lib.dataset.sidecar import SUFFIXES
from lib.dataset.store import Store
from lib.dataset.uploads import UploadSpace
from lib.dataset.workspace import private_folders, resolve_folder
from lib.errors import ToolkitError
from lib.jobs.runner import Job
from lib.preferences import Preferences
from lib.settings import settings
from lib.words import Vocabulary


def preferences(state: AppState) -> Preferences:
    """What the owner of this session keeps between visits."""
    return cache.preferences(settings().owner_folder(state.owner))


def open_folder(state: AppState, folder: str | Path, *, recursive: bool = True, suffix: str = ".txt") -> None:
    """Open a folder in this session, or raise FolderRefused and leave the session as it was."""
    root = resolve_folder(str(folder), settings(), state.owner)
    journal = journal_for(root, settings())
    dataset = cache.datasets().open(
        root,
        recursive=recursive,
        suffix=suffix,
        shared_allowed=journal.shared_allowed(),
        excluded=private_folders(settings()),
    )
    state.dataset = dataset
    state.store = Store(root, journal, state.owner, settings(), dataset)
    state.tagging = TaggingState(revision=state.tagging.revision + 1, heard=state.tagging.heard)
    preferences(state).remember_folder(root)
    UploadSpace(settings(), state.owner).touch(root)
    st.query_params.from_dict(_link(dataset))
    _start_check(state, dataset)


def open_sample(state: AppState) -> None:
    """Draw the sample dataset into the owner's workspace (once) and open it."""
    open_folder(state, make_sample(settings().workspace(state.owner) / "sample"))


def reload(state: AppState) -> None:
    """Scan the open folder again, so that changes made by other programs are seen; the place is kept."""
    if state.dataset is None:
        return
    dataset, name = state.dataset, current_name(state)
    open_folder(state, dataset.root, recursive=dataset.recursive, suffix=dataset.suffix)
    go_to(state, name)


def close_folder(state: AppState) -> None:
    """Show the start page again; nothing on disk changes."""
    state.dataset = state.store = None
    state.tagging = TaggingState(revision=state.tagging.revision + 1, heard=state.tagging.heard)
    st.query_params.clear()


def restore_from_link(state: AppState) -> None:
    """Open what the address names: a refresh and a shared link bring the same view back."""
    folder = st.query_params.get("folder")
    if state.dataset is not None or not folder:
        return
    image = st.query_params.get("image", "")
    try:
        suffix = st.query_params.get("tags", ".txt")
        recursive = st.query_params.get("subfolders", "yes") != "no"
        open_folder(state, folder, recursive=recursive, suffix=suffix if suffix in SUFFIXES else ".txt")
    except ToolkitError:
        st.query_params.clear()
        raise
    go_to(state, image)


def current_name(state: AppState) -> str:
    """The name of the image that the Tagging page shows ("" in an empty folder)."""
    if state.dataset is None or not len(state.dataset):
        return ""
    return state.dataset.records[state.tagging.index % len(state.dataset)].name


def go_to(state: AppState, name: str) -> None:
    """Show the image of that name, where there is one."""
    index = state.dataset.index_of(name) if state.dataset is not None else None
    if index is not None:
        state.tagging.index = index
        st.query_params["image"] = name


def _link(dataset: Dataset) -> dict[str, str]:
    link = {"folder": str(dataset.root)}
    if not dataset.recursive:
        link["subfolders"] = "no"
    if dataset.suffix != ".txt":
        link["tags"] = dataset.suffix
    return link


def check_job(state: AppState, dataset: Dataset) -> Job | None:
    """The background check of a folder's images, running or ended."""
    return cache.job_runner().find(state.owner, _check_key(dataset))


def _start_check(state: AppState, dataset: Dataset) -> None:
    work = functools.partial(_check, dataset=dataset)
    cache.job_runner().submit(state.owner, _check_key(dataset), "Checking images", work)


def _check_key(dataset: Dataset) -> str:
    return f"check\n{dataset.root}\n{dataset.recursive}"


def _check(job: Job, dataset: Dataset) -> None:
    # One thread, so that a big folder's check leaves the other core to the pages.
    check_images(dataset, advance=job.advance, cancelled=job.is_cancelled, workers=1)


def vocabulary(state: AppState, dataset: Dataset) -> tuple[Vocabulary, Job | None]:
    """The folder's tag counts, and the job that is still counting (None once they are right)."""
    counts = cache.vocabulary(dataset.root, dataset.recursive, dataset.suffix)
    if not counts.must_recount(dataset):
        counts.refresh(dataset)
        return counts, None
    key = f"vocabulary\n{dataset.root}\n{dataset.recursive}\n{dataset.suffix}"
    return counts, cache.job_runner().submit(state.owner, key, "Counting tags", lambda _: counts.refresh(dataset))
