"""The start page: choose a folder, draw the sample dataset, or upload images."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.components.pick_list import pick_list
from app.messages import error_boundary, guarded, notice, show_error
from app.opening import open_folder, open_sample, preferences
from app.state import AppState
from lib.dataset.naming import IMAGE_SUFFIXES
from lib.dataset.sidecar import SUFFIXES
from lib.dataset.uploads import UploadSpace
from lib.dataset.workspace import allowed_roots, list_folder
from lib.errors import FolderRefused
from lib.settings import settings

_FLICKR8K = "https://www.kaggle.com/datasets/adityajn105/flickr8k/data?select=Images"
_PATH = "picker.path"


def dataset_picker(state: AppState) -> None:
    """Show the ways to a dataset."""
    st.title("Which photos shall we caption?")
    folder, others = st.columns([3, 2], gap="large")
    with folder:
        _folder_browser(state)
    with others:
        _recent(state)
        _sample(state)
        _upload(state)


def _folder_browser(state: AppState) -> None:
    st.subheader("Choose a directory", anchor=False)
    if _PATH not in st.session_state:
        st.session_state[_PATH] = str(allowed_roots(settings(), state.owner)[0])
    field, button = st.columns([5, 1], vertical_alignment="bottom")
    path = field.text_input("Directory on this server", key=_PATH)
    recursive = st.checkbox("With subfolders", value=True, key="picker.recursive")
    suffix = st.selectbox("Tag files end in", SUFFIXES, key="picker.suffix", width=160)
    button.button(
        "Select",
        type="primary",
        key="picker.select",
        on_click=_open,
        args=(state, path, recursive, suffix),
        width="stretch",
    )
    with error_boundary():
        _listing(state, path)


@guarded
def _open(state: AppState, path: str, recursive: bool, suffix: str) -> None:
    open_folder(state, path, recursive=recursive, suffix=suffix)


def _listing(state: AppState, path: str) -> None:
    try:
        listing = list_folder(Path(path), settings(), state.owner)
    except FolderRefused as error:
        show_error(error)
        roots = allowed_roots(settings(), state.owner)
        pick_list(
            [(str(root), str(root), "allowed") for root in roots],
            label="Allowed folders",
            key="picker.roots",
            on_pick=_enter,
        )
        return
    rows = [(str(listing.parent), "..", "up")] if listing.parent is not None else []
    rows += [(str(folder.path), folder.name, "images" if folder.has_images else "") for folder in listing.folders]
    st.text(
        f"{listing.images:,} images directly in this folder" if listing.images else "No images directly in this folder"
    )
    pick_list(rows, label="Subfolders", key="picker.folders", on_pick=_enter, height="22rem")
    if listing.truncated:
        st.caption("Only the first folders are listed; type a path to go further.")


def _enter(path: str) -> None:
    st.session_state[_PATH] = path


def _recent(state: AppState) -> None:
    folders = preferences(state).recent_folders()
    if not folders:
        return
    st.subheader("Recent folders", anchor=False)
    rows = [(str(folder), folder.name or str(folder), str(folder.parent)) for folder in folders]
    pick_list(
        rows,
        label="Recent folders",
        key="picker.recent",
        on_pick=guarded(lambda path: open_folder(state, path)),
        height="11rem",
    )


def _sample(state: AppState) -> None:
    st.subheader("Try it without your own", anchor=False)
    st.button(
        "Sample dataset", key="picker.sample", icon=":material/palette:", on_click=guarded(open_sample), args=(state,)
    )
    st.caption("Draws about 120 small scenes with captions; no download, no key.")
    st.caption(f"For a larger set of photos, download [Flickr8k from Kaggle]({_FLICKR8K}) and choose its folder.")


def _upload(state: AppState) -> None:
    space = UploadSpace(settings(), state.owner)
    st.subheader("Upload", anchor=False)
    whole_folder = st.toggle("A whole folder", key="picker.whole_folder")
    name = st.text_input("Name of the dataset", value="uploads", key="picker.upload_name")
    files = st.file_uploader(
        "Images, with their tag files if they have some",
        type=[suffix.lstrip(".") for suffix in (*IMAGE_SUFFIXES, *SUFFIXES)],
        accept_multiple_files="directory" if whole_folder else True,
        key=f"picker.files.{whole_folder}",
    )
    if files and st.button("Upload and open", key="picker.upload", type="primary"):
        with error_boundary():
            report = space.save(name, [(file.name, file) for file in files])
            for refused, reason in report.refused:
                notice("warning", f"{refused}: {reason}", title="Left out")
            if report.added:
                open_folder(state, report.folder)
                st.rerun()
    used, quota, days = space.used_bytes() / 1e6, settings().upload_quota_mb, settings().upload_days
    st.caption(f"Only you see your uploads. {used:,.0f} of {quota:,} MB used; removed after {days} days unused.")
