"""Opening a folder for a session: permission, scan, store, and the work that goes on in the background."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import streamlit as st

from app.session.brought_maps import sink_at, take_map
from app.session.jobs import SERVER, JobKey, start
from app.session.state import AppState, RoomState
from lib import cache
from lib.dataset.base import Dataset
from lib.dataset.sample.folder import make_sample
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.store import Store
from lib.dataset.scan.problems import check_images
from lib.dataset.scan.scanner import OpeningOptions
from lib.dataset.tag_files.sidecar import SUFFIXES
from lib.dataset.workspace.hidden import clear_killed, pictures_left
from lib.dataset.workspace.roots import private_folders, resolve_folder
from lib.dataset.workspace.uploads import UploadSpace
from lib.domain import ImageRecord, Selection
from lib.errors import InvalidInput
from lib.jobs.runner import Job
from lib.preferences import Preferences, RecentFolder
from lib.scope import LINK_NAMES, Scope, from_params, to_params
from lib.settings import settings
from lib.tables.copying import note_opened
from lib.tables.opening import resolve_dataset, resolve_table
from lib.tables.operations import table_store
from lib.tables.store import TableStore

_BY_HAND = "Choose the folder below, with its kind of tag files and with or without its subfolders."


def preferences(state: AppState) -> Preferences:
    """What the owner of this session keeps between visits."""
    return cache.preferences(settings().owner_folder(state.owner))


def store_for(state: AppState, folder: str | Path, *, recursive: bool, suffix: str) -> Store:
    """The captions of a folder or table for the owner of this session. Raises what opening raises."""
    table = resolve_table(str(folder), settings(), state.owner)
    if table is not None:
        return table_store(cache.tables().open(table, settings()), state.owner, settings())
    root = resolve_folder(str(folder), settings(), state.owner)
    journal = journal_for(root, settings())
    options = OpeningOptions(recursive, suffix, journal.shared_allowed(), private_folders(settings()))
    dataset = cache.datasets().open(root, options)
    return Store(root, journal, state.owner, settings(), dataset)


def open_folder(
    state: AppState, folder: str | Path, *, recursive: bool = True, suffix: str = ".txt", scope: Scope | None = None
) -> None:
    """Open a folder or a table in this session, or raise FolderRefused and leave the session as it was.

    The sink of “captioner run cluster” opens as the samples that it was made of, and its clusters are taken over.
    Without a `scope` another folder begins with all its images, and the same one keeps the scope it has.
    """
    sink = sink_at(state, folder)
    if sink is not None:
        # As its job went through them.
        folder, recursive = sink.samples, True
    store = store_for(state, folder, recursive=recursive, suffix=suffix)
    assert store.dataset is not None
    is_other = state.dataset is None or state.dataset.root != store.root
    if is_other:
        state.scope = scope or Scope()
    state.dataset, state.store = store.dataset, store
    _begin_anew(state, is_other=is_other)
    if not isinstance(store, TableStore) and (left := pictures_left(clear_killed(store.root))) is not None:
        state.errors["page"] = left
    preferences(state).remember_folder(RecentFolder(store.root, recursive, suffix))
    UploadSpace(settings(), state.owner).touch(store.root)
    note_opened(store.root, settings(), state.owner)
    _put_in_address(state)
    # A million pictures are not looked at unasked.
    state.check = None
    if not isinstance(store, TableStore):
        _start_check(state, store.dataset)
    state.map_job = take_map(state, sink, store.dataset) if sink is not None else None


def is_table(state: AppState) -> bool:
    """Whether a table is open, whose pictures are no files that vectors could be made of."""
    return isinstance(state.store, TableStore)


def open_sample_dataset(state: AppState) -> None:
    """Draw the sample dataset into the owner's workspace (once) and open it."""
    open_folder(state, make_sample(settings().workspace(state.owner) / "sample"))


def reload_folder(state: AppState) -> None:
    """Scan the open folder again, so that changes made by other programs are seen."""
    if state.dataset is not None:
        dataset = state.dataset
        open_folder(state, dataset.root, recursive=dataset.recursive, suffix=dataset.suffix)


def close_folder(state: AppState) -> None:
    """Let the open folder go; nothing on disk changes."""
    state.dataset = state.store = state.check = state.map_job = None
    state.scope = Scope()
    _begin_anew(state, is_other=True)
    st.query_params.clear()


def _begin_anew(state: AppState, *, is_other: bool) -> None:
    """What the rooms had asked for was about the folder as it was opened before."""
    state.index, state.selected, state.refused = 0, None, None
    if is_other:
        # Its undo would be about another folder's history.
        state.told = None
    state.rooms = {kind: room.after_opening(is_other=is_other) for kind, room in state.rooms.items()}


def opened(state: AppState) -> tuple[Dataset, Store]:
    """The open folder; an action without one is refused."""
    if state.dataset is None or state.store is None:
        raise InvalidInput("No folder is open.", "Choose a folder first.")
    return state.dataset, state.store


def record_of(state: AppState, name: str) -> ImageRecord:
    """The record of an image of the open folder; one that is gone is refused."""
    record = opened(state)[0].get(name)
    if record is None:
        raise InvalidInput(f"{name} is not in the open folder any more.", "Press Reload to see what is there now.")
    return record


def restore_from_link(state: AppState) -> None:
    """Open what the address names: a refresh and a shared link bring the same view back."""
    if state.dataset is None and st.query_params.get("folder"):
        follow_link(state, st.query_params.to_dict())


def follow_link(state: AppState, address: Mapping[str, str]) -> None:
    """Show what an address names: a folder, a scope and an image, or the start page.

    In a folder that is open already the scope stays.
    """
    folder = address.get("folder")
    if not folder:
        close_folder(state)
        return
    if state.dataset is None or folder != str(state.dataset.root):
        _open_linked(state, folder, address)
    if state.dataset is not None:
        for kind in RoomState.kinds:
            if kind.link_names:
                state.of(kind).from_link(address)
    go_to(state, address.get("image", ""))


def _open_linked(state: AppState, folder: str, address: Mapping[str, str]) -> None:
    try:
        suffix, subfolders = address.get("tags", ".txt"), address.get("subfolders", "yes")
        if suffix not in SUFFIXES or subfolders not in ("yes", "no"):
            # Opening it some other way would make tag files that nobody asked for.
            raise InvalidInput("The link says in a way that is not known here how to open its folder.", _BY_HAND)
        open_folder(state, folder, recursive=subfolders == "yes", suffix=suffix, scope=scope_of_link(state, address))
    finally:
        if state.dataset is None:
            # An address that leads nowhere would be tried again at every click.
            st.query_params.clear()


def scope_of_link(state: AppState, address: Mapping[str, str]) -> Scope:
    """The scope that an address carries. Raises FolderRefused for one whose folder may not be opened."""
    root = resolve_dataset(address["folder"], settings(), state.owner)

    def selection(id: str) -> Selection | None:
        # What another owner chose is known to the folder.
        return preferences(state).selection(id) or journal_for(root, settings()).selection(id)

    return from_params(address, selection)


def keep_selection(state: AppState, selection: Selection) -> None:
    """Keep chosen images of the open folder under their id: for saved filters, and for links, whoever follows them."""
    preferences(state).keep_selection(selection)
    opened(state)[1].journal.keep_selection(selection)


def current_name(state: AppState) -> str:
    """The name of the image that the Tagging page shows ("" in an empty folder)."""
    if state.dataset is None or not len(state.dataset):
        return ""
    return state.dataset.records[state.index % len(state.dataset)].name


def go_to(state: AppState, name: str) -> None:
    """Show the image of that name, where there is one."""
    index = state.dataset.index_of(name) if state.dataset is not None else None
    if index is not None:
        show(state, index)


def show(state: AppState, index: int) -> None:
    """Show the image at that place of the open folder."""
    state.index = index


def optional_in_link() -> tuple[str, ...]:
    """What may stand in a link beside its folder and its image."""
    return ("subfolders", "tags", *LINK_NAMES, *_names_of_rooms())


def _names_of_rooms() -> list[str]:
    return [name for kind in RoomState.kinds for name in kind.link_names]


def link(state: AppState) -> dict[str, str]:
    """What the address says of the open folder, the scope and what rooms were asked for, whichever page shows it."""
    dataset = state.dataset
    if dataset is None:
        return {}
    parts = {"folder": str(dataset.root)}
    if not dataset.recursive:
        parts["subfolders"] = "no"
    if dataset.suffix != ".txt":
        parts["tags"] = dataset.suffix
    rooms = {name: value for room in state.rooms.values() for name, value in room.to_link().items()}
    return parts | _scope_parts(state.scope) | rooms


# Naming 100,000 chosen images by their id takes a while, and the link is wanted at every run.
_scope_parts = lru_cache(maxsize=8)(to_params)


def _put_in_address(state: AppState) -> None:
    wanted = link(state)
    # Writing what stands there already would add an entry to the browser's history.
    now, later = st.query_params.to_dict(), {"image", *_names_of_rooms()}
    if any(now.get(name) != wanted.get(name) for name in (now.keys() | wanted.keys()) - later):
        st.query_params.from_dict(wanted)


def _start_check(state: AppState, dataset: Dataset) -> None:
    """Look for unreadable images in the background; a check of the same dataset that is running is joined.

    Nobody stops it: another session may have the folder open too, and what it saw need not be looked at again.
    """

    def work(job: Job) -> None:
        # One thread, so that a big folder's check leaves the other core to the pages.
        check_images(dataset, progress=job, workers=1)

    key = JobKey("check images", SERVER, dataset.root, id(dataset), unasked=True)
    state.check = start(key, "Checking images", work)
