"""Folders before they are opened: four pictures and the counts of the one that is pointed at."""

from __future__ import annotations

import html
import time
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from app.elements.gallery import data_url
from app.session.brought_maps import sink_at
from app.session.pictures import thumbnail
from app.session.state import AppState, RoomState
from lib.dataset.workspace.glimpse import SECONDS, Glimpse, glimpse
from lib.dataset.workspace.roots import private_folders, resolve_folder
from lib.errors import FolderRefused, ImageRefused, ToolkitError
from lib.images import Picture
from lib.preferences import RecentFolder
from lib.settings import settings
from lib.tables.opening import resolve_table
from lib.text import counted

PICTURES = 4
_SIDE = 256
_GOOD_FOR_S = 30.0


@dataclass
class StartState(RoomState):
    """What the start screen keeps."""

    pointed: RecentFolder | None = None
    """The folder under the cursor."""
    seen: dict[RecentFolder, tuple[float, Glimpse]] = field(default_factory=dict)
    """What was found in folders lately, and when, on the monotonic clock."""


def glimpse_of(state: AppState, folder: RecentFolder, seconds: float = SECONDS) -> Glimpse | None:
    """What is in a folder; None where its owner may not open it, or where no time is left to look."""
    seen, now = state.of(StartState).seen, time.monotonic()
    if folder in seen and now - seen[folder][0] < _GOOD_FOR_S:
        return seen[folder][1]
    if seconds <= 0:
        return None
    try:
        if _is_table(state, folder.root):
            # What is in it is known once it is open.
            return None
        root = resolve_folder(str(folder.root), settings(), state.owner)
    except FolderRefused:
        return None
    private, seconds = private_folders(settings()), min(seconds, SECONDS)
    found = glimpse(root, recursive=folder.recursive, suffix=folder.suffix, private=private, seconds=seconds)
    seen[folder] = (now, found)
    return found


def glimpse_panel(state: AppState, folder: RecentFolder) -> str:
    """Show the pictures of a folder; gives its counts in words. Where it has none, its words take their place."""
    found = glimpse_of(state, folder)
    pictures = [] if found is None else [_picture(folder.root, name) for name in found.pictures]
    words = in_words(found) if found is not None else ""
    if not any(pictures):
        if found is None and _is_table(state, folder.root):
            words = _of_table(state, folder.root)
        # As high as pictures are, so that what stands below stays where it is.
        st.html(f"<div class='toolkit-glimpse none'>{html.escape(words)}</div>")
        return ""
    slots = (pictures + [""] * PICTURES)[:PICTURES]
    st.html(f"<div class='toolkit-glimpse'>{''.join(f'<div>{slot}</div>' for slot in slots)}</div>")
    return words


def _is_table(state: AppState, path: Path) -> bool:
    try:
        return resolve_table(str(path), settings(), state.owner) is not None
    except FolderRefused:
        return False


def _of_table(state: AppState, path: Path) -> str:
    try:
        sink = sink_at(state, path)
    except ToolkitError as error:
        return error.message
    return "A table of captions" if sink is None else f"Clusters of “{sink.samples.name}”, which opens with them"


def in_words(found: Glimpse) -> str:
    if not found.images:
        return "No images here" if found.whole else "Many files here, none of the first is an image"
    if not found.whole:
        return f"More than {counted(found.images, 'image')}"
    return f"{counted(found.images, 'image')}, {found.captioned:,} captioned"


def _picture(root: Path, name: str) -> str:
    try:
        small = thumbnail(Picture(root.resolve(), name), _SIDE, settings().thumbnails, settings().thumbnail_cache_mb)
    except (ImageRefused, OSError):
        return ""
    return f"<img src='{data_url(small)}' alt='{html.escape(name, quote=True)}'>"
