"""The start page: choose a folder, draw the sample dataset, or open an upload."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import streamlit as st

from app.elements.pick_list import pick_list
from app.session.messages import error_boundary, guarded, show_error
from app.session.open_dataset import open_folder, open_sample_dataset, preferences
from app.session.state import AppState
from app.shell.upload_panel import upload_panel
from lib.dataset.tag_files.sidecar import SUFFIXES
from lib.dataset.workspace.roots import BrowsedFolder, allowed_roots, browse_folder, shared_roots
from lib.errors import FolderRefused
from lib.settings import settings

_FLICKR8K = "https://www.kaggle.com/datasets/adityajn105/flickr8k/data?select=Images"
_PATH = "picker.path"
_RECURSIVE = "picker.recursive"
_SUFFIX = "picker.suffix"


def start_screen(state: AppState) -> None:
    """Show the ways to a dataset."""
    st.title("Which photos shall we caption?", anchor=False)
    folder, others = st.columns([3, 2], gap="large")
    with folder:
        _folder_browser(state)
    with others:
        _recent(state)
        _sample(state)
        upload_panel(state)


def _folder_browser(state: AppState) -> None:
    if not shared_roots(settings(), state.owner):
        st.text("Upload images, or look at the sample dataset.")
        st.caption("This server shares no folders with visitors. Its administrator can, by TOOLKIT_ROOTS.")
        return
    st.subheader("Choose a directory", anchor=False)
    if not st.session_state.get(_PATH):
        # Not by setdefault: after a change of page the key is there, and empty.
        st.session_state[_PATH] = str(allowed_roots(settings(), state.owner)[0])
    field, button = st.columns([5, 1], vertical_alignment="bottom")
    path = field.text_input("Directory on this server", key=_PATH, persist_state="session")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.checkbox("With subfolders", value=True, key=_RECURSIVE, persist_state="session")
        st.selectbox("Tag files end in", SUFFIXES, key=_SUFFIX, width=160, persist_state="session")
    select = guarded(functools.partial(_select, state))
    button.button("Select", type="primary", key="picker.select", on_click=select, width="stretch")
    with error_boundary():
        _listing(state, path)


def _select(state: AppState) -> None:
    # Read now: the click itself may have been what ended the typing.
    chosen = st.session_state
    open_folder(state, chosen[_PATH], recursive=chosen[_RECURSIVE], suffix=chosen[_SUFFIX])


def _listing(state: AppState, path: str) -> None:
    allowed = [root for root in allowed_roots(settings(), state.owner) if root.is_dir()]
    roots = [(str(root), str(root), "allowed folder") for root in allowed]
    try:
        listing = browse_folder(Path(path), settings(), state.owner)
    except FolderRefused as error:
        show_error(error)
        pick_list(roots, label="Allowed folders", key="picker.roots", on_pick=guarded(_enter))
        return
    st.text(f"{listing.images:,} images directly in this folder")
    rows = _rows(listing, [root for root in roots if root[0] != str(listing.path)])
    pick_list(rows, label="Subfolders", key="picker.folders", on_pick=guarded(_enter), height="22rem")
    if listing.truncated:
        st.caption("Only the first folders are listed; type a path to go further.")


def _rows(listing: BrowsedFolder, other_roots: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    up = [(str(listing.parent), "..", "up")] if listing.parent is not None else other_roots
    return up + [(str(folder.path), folder.name, "images" if folder.has_images else "") for folder in listing.folders]


def _enter(path: str) -> None:
    st.session_state[_PATH] = path


def _recent(state: AppState) -> None:
    recent = preferences(state).recent_folders()
    if not recent:
        return
    st.subheader("Recent folders", anchor=False)
    rows = []
    for folder in recent:
        id_ = json.dumps([str(folder.root), folder.recursive, folder.suffix])
        text = folder.root.name or str(folder.root)
        text += "" if folder.recursive else ", no subfolders"
        text += "" if folder.suffix == ".txt" else f", {folder.suffix}"
        rows.append((id_, text, str(folder.root.parent)))
    reopen = guarded(functools.partial(_reopen, state))
    pick_list(rows, label="Recent folders", key="picker.recent", on_pick=reopen, height="11rem")


def _reopen(state: AppState, chosen: str) -> None:
    root, recursive, suffix = json.loads(chosen)
    open_folder(state, root, recursive=recursive, suffix=suffix)


def _sample(state: AppState) -> None:
    st.subheader("Try it without your own", anchor=False)
    draw = guarded(functools.partial(open_sample_dataset, state))
    st.button("Sample dataset", key="picker.sample", icon=":material/palette:", on_click=draw)
    st.caption("Draws about 120 small scenes with captions; no download, no key.")
    st.caption(f"For a larger set of photos, download [Flickr8k from Kaggle]({_FLICKR8K}) and choose its folder.")
