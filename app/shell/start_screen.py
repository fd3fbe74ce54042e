"""The start page: what this is, the ways to a dataset, and those that were open lately."""

from __future__ import annotations

import functools
import json
import time
from pathlib import Path

import streamlit as st

from app.elements.folder_list import FolderRow, folder_list
from app.elements.gallery import data_url
from app.session.messages import guarded
from app.session.open_dataset import open_folder, open_sample_dataset, preferences
from app.session.state import AppState
from app.shell.folder_card import folder_card
from app.shell.glimpses import StartState, glimpse_of
from app.shell.upload_panel import upload_panel
from lib.dataset.sample.folder import drawn_pictures
from lib.preferences import RecentFolder

_FLICKR8K = "https://www.kaggle.com/datasets/adityajn105/flickr8k/data?select=Images"
_SAMPLES = (0, 5, 10)
"""Scenes of the sample dataset that are shown before it is drawn."""
_COUNTING_S = 0.5
"""Seconds that counting all recent folders may take together. The others are counted when they are pointed at."""


def start_screen(state: AppState) -> None:
    """Show the ways to a dataset."""
    st.title("Captioning & Visualization Toolkit", anchor=False)
    st.markdown(
        "Caption a folder of photos with vision-language models or by hand, change thousands of captions at once and "
        "take it back, and see what the set holds. Your files stay plain: photo.jpg has its caption in photo.txt."
    )
    ways(state)
    _recent(state)


def ways(state: AppState) -> None:
    """A folder, the sample, an upload: beside each other where there is room."""
    with st.container(key="start-ways"):
        folder, sample, upload = st.columns([3, 2, 2], gap="small")
        with folder, st.container(border=True, height="stretch", key="start-folder"):
            folder_card(state)
        with sample, st.container(border=True, height="stretch", key="start-sample"):
            _sample(state)
        with upload, st.container(border=True, height="stretch", key="start-upload"):
            upload_panel(state)


def _recent(state: AppState) -> None:
    recent = preferences(state).recent_folders()
    if not recent:
        return
    st.header("Recent folders", anchor=False)
    until = time.monotonic() + _COUNTING_S
    rows = [_row(state, folder, until - time.monotonic()) for folder in recent]
    folder_list(
        rows,
        label="Recent folders",
        key="picker.recent",
        height="none",
        on_open=guarded(functools.partial(_reopen, state)),
        on_point=guarded(functools.partial(_point, state), is_action=False),
    )


def _row(state: AppState, folder: RecentFolder, seconds: float) -> FolderRow:
    id_ = json.dumps([str(folder.root), folder.recursive, folder.suffix])
    where = str(folder.root.parent)
    where += "" if folder.recursive else ", no subfolders"
    where += "" if folder.suffix == ".txt" else f", {folder.suffix}"
    found = glimpse_of(state, folder, seconds)
    done = found.captioned / found.images if found is not None and found.whole and found.images else None
    note = ""
    if found is not None and found.whole:
        note = f"{found.captioned:,} / {found.images:,}" if found.images else "no images"
    return FolderRow(id_, folder.root.name or str(folder.root), where, note, done)


def _of(chosen: str) -> RecentFolder:
    root, recursive, suffix = json.loads(chosen)
    return RecentFolder(Path(root), bool(recursive), str(suffix))


def _reopen(state: AppState, chosen: str) -> None:
    folder = _of(chosen)
    open_folder(state, folder.root, recursive=folder.recursive, suffix=folder.suffix)


def _point(state: AppState, pointed: str) -> None:
    state.of(StartState).pointed = _of(pointed) if pointed else None


def _sample(state: AppState) -> None:
    st.header("Try the sample", anchor=False)
    st.caption("About 120 pictures with captions, drawn on the spot. No download, no key.")
    pictures = "".join(f"<div><img src='{source}' alt=''></div>" for source in _sample_pictures())
    st.html(f"<div class='toolkit-glimpse three'>{pictures}</div>")
    draw = guarded(functools.partial(open_sample_dataset, state))
    st.button("Sample dataset", key="picker.sample", on_click=draw, width="stretch")
    st.caption(f"A larger set of photos: [Flickr8k at Kaggle]({_FLICKR8K}).")


@functools.cache
def _sample_pictures() -> list[str]:
    return [data_url(picture) for picture in drawn_pictures(_SAMPLES)]
