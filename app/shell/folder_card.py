"""Open a folder: its path, what is in it before it is opened, and a way about among the folders."""

from __future__ import annotations

import functools
from pathlib import Path

import streamlit as st

from app.doors.this_run import would_be_from_this_machine
from app.elements.folder_list import FolderRow, folder_list
from app.session.messages import error_boundary, guarded, plain, show_error
from app.session.open_dataset import open_folder
from app.session.state import AppState
from app.shell.address_card import about_address, copying_panel, is_address, open_address
from app.shell.glimpses import StartState, glimpse_panel
from lib.dataset.tag_files.sidecar import SUFFIXES
from lib.dataset.workspace.roots import BrowsedFolder, allowed_roots, browse_folder, shared_roots
from lib.errors import FolderRefused
from lib.preferences import RecentFolder
from lib.settings import settings
from lib.tables.opening import resolve_table

_PATH = "picker.path"
_RECURSIVE = "picker.recursive"
_SUFFIX = "picker.suffix"
_OWN = "Your own datasets"


def folder_card(state: AppState) -> None:
    """Show it; visitors of a server that shares no folders are told so."""
    st.header("Open a folder", anchor=False)
    if not shared_roots(settings(), state.owner):
        st.text("Upload images, or look at the sample dataset.")
        st.caption(_why_none())
        return
    if not st.session_state.get(_PATH):
        # Not by setdefault: after a change of page the key is there, and empty.
        st.session_state[_PATH] = str(allowed_roots(settings(), state.owner)[0])
    label = "Directory on this server"
    path = st.text_input(label, key=_PATH, persist_state="session", label_visibility="collapsed")
    pictures = st.container(key="start-glimpse")
    with st.container(horizontal=True, vertical_alignment="center"):
        counts = st.empty()
        st.space("stretch")
        select = guarded(functools.partial(_select, state))
        st.button("Select", type="primary", key="picker.select", on_click=select)
    with st.container(horizontal=True, vertical_alignment="center"):
        recursive = st.checkbox("With subfolders", value=True, key=_RECURSIVE, persist_state="session")
        endings = st.container(horizontal=True, vertical_alignment="center", width="content", gap="xsmall")
        with endings:
            st.caption("Tag files end in")
            suffix = st.selectbox(
                "Tag files end in",
                SUFFIXES,
                key=_SUFFIX,
                width=120,
                persist_state="session",
                label_visibility="collapsed",
            )
    with error_boundary():
        copying_panel(state)
    with error_boundary():
        if is_address(path):
            about_address(path)
            return
        listing = _listing(state, path)
        shown = state.of(StartState).pointed or RecentFolder(listing or Path(path), recursive, suffix)
        with pictures:
            words = glimpse_panel(state, shown)
        name = f"{shown.root.name}: " if state.of(StartState).pointed is not None else ""
        counts.caption(plain(f"{name}{words}") if words else "&nbsp;")


def _why_none() -> str:
    if would_be_from_this_machine():
        return (
            "Other machines can reach this server, so it opens no folders that TOOLKIT_ROOTS does not name. "
            "For yourself alone, start it with `--server.address 127.0.0.1`, as `make run` does: then it opens yours."
        )
    return "This server shares no folders with visitors. Its administrator can, by TOOLKIT_ROOTS."


def _select(state: AppState) -> None:
    # Read now: the click itself may have been what ended the typing.
    chosen = st.session_state
    if is_address(chosen[_PATH]):
        open_address(state, chosen[_PATH])
        return
    open_folder(state, chosen[_PATH], recursive=chosen[_RECURSIVE], suffix=chosen[_SUFFIX])


def _listing(state: AppState, path: str) -> Path | None:
    """The folders below a path to choose from; gives its real path, None where it cannot be opened."""
    allowed = [root for root in allowed_roots(settings(), state.owner) if root.is_dir()]
    # A visitor's own place lies deep in the toolkit's folder: its path would say nothing.
    own = settings().workspace(state.owner).resolve()
    roots = [FolderRow(str(root), _OWN if root == own else str(root), "") for root in allowed]
    try:
        # Beside a table stand the folders that it lies among.
        table = resolve_table(path, settings(), state.owner)
        listing = browse_folder(table.parent if table is not None else Path(path), settings(), state.owner)
    except FolderRefused as error:
        show_error(error)
        _rows(state, roots, "Allowed folders", "picker.roots")
        return None
    others = [root for root in roots if root.id != str(listing.path)]
    _rows(state, _below(listing, others), "Subfolders", "picker.folders")
    if listing.truncated:
        st.caption("Only the first folders are listed; type a path to go further.")
    return table or listing.path


def _rows(state: AppState, rows: list[FolderRow], label: str, key: str) -> None:
    point = guarded(functools.partial(_point, state), is_action=False)
    enter = guarded(functools.partial(_enter, state))
    folder_list(rows, label=label, key=key, height="11rem", on_open=enter, on_point=point)


def _below(listing: BrowsedFolder, other_roots: list[FolderRow]) -> list[FolderRow]:
    up = [FolderRow(str(listing.parent), "..", "up")] if listing.parent is not None else other_roots
    below = [FolderRow(str(one.path), one.name, note="images" if one.has_images else "") for one in listing.folders]
    return up + below


def _enter(state: AppState, path: str) -> None:
    st.session_state[_PATH] = path
    state.of(StartState).pointed = None


def _point(state: AppState, path: str) -> None:
    chosen = st.session_state
    folder = RecentFolder(Path(path), bool(chosen.get(_RECURSIVE)), str(chosen.get(_SUFFIX) or ".txt"))
    state.of(StartState).pointed = folder if path else None
