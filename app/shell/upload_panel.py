"""Uploads of one visitor: bring images or a whole dataset, open them again, delete them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from app.elements.folder_list import FolderRow, folder_list
from app.session.messages import error_boundary, guarded, notice
from app.session.open_dataset import open_folder
from app.session.owner import is_admin
from app.session.state import AppState
from app.session.uploaded_files import HandedOver, let_go
from app.shell.glimpses import StartState
from lib.dataset.tag_files.sidecar import SUFFIXES
from lib.dataset.workspace.server_space import server_space_lately
from lib.dataset.workspace.uploads import UploadReport, UploadSpace
from lib.errors import DatasetError
from lib.images import IMAGE_SUFFIXES
from lib.importing.loose_table import HEAD, is_loose_table
from lib.importing.sources import READ_SUFFIXES
from lib.preferences import RecentFolder
from lib.settings import settings
from lib.text import counted

_NAME = "picker.upload_name"
_WHOLE = "picker.whole_folder"
_USUAL_NAME = "uploads"
_PROPOSED = "picker.proposed_name"
_AS_THEY_ARE = (*IMAGE_SUFFIXES, *SUFFIXES)
_DOOMED = "picker.doomed"
_TOLD = 20


def upload_panel(state: AppState) -> None:
    """Show the upload box and what was uploaded before."""
    space = UploadSpace(settings(), state.owner)
    st.header("Upload", anchor=False)
    whole_folder = st.session_state.get(_WHOLE, False)
    files = st.file_uploader(
        "Pictures with their tag files, or a zip, a tar or a table from another program. Only you see it.",
        type=[suffix.lstrip(".") for suffix in READ_SUFFIXES],
        accept_multiple_files="directory" if whole_folder else True,
        key=f"picker.files.{whole_folder}",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.toggle("A whole folder", key=_WHOLE)
        _propose_name(_folder_of(files or []))
        st.text_input("Name of the dataset", key=_NAME, width=160)
    if files and st.button("Upload and open", key="picker.upload", type="primary"):
        with error_boundary():
            _take(state, space, list(files))
    used, quota, days = space.used_bytes() / 1e6, settings().upload_quota_mb, settings().upload_days
    st.caption(f"{used:,.0f} of {quota:,} MB used; removed after {days} days unused.")
    _whole_server()
    _earlier(state, space)


def _folder_of(files: Sequence[UploadedFile]) -> str:
    """The folder that all files come from, where the browser tells it: its own name, "" for files alone."""
    folders = {folder if slash else "" for folder, slash, _ in (file.name.partition("/") for file in files)}
    return folders.pop() if len(folders) == 1 else ""


def _propose_name(folder: str) -> None:
    """Name the dataset as the folder that was chosen, unless another name was typed."""
    kept, proposed = st.session_state, folder or _USUAL_NAME
    if kept.get(_NAME, _USUAL_NAME) == kept.get(_PROPOSED, _USUAL_NAME):
        kept[_NAME] = proposed
    kept[_PROPOSED] = proposed


def _take(state: AppState, space: UploadSpace, files: list[UploadedFile]) -> None:
    """Open what was uploaded; archives and tables are for the import, which opens what it made of them."""
    name = str(st.session_state[_NAME])
    if not all(file.name.lower().endswith(_AS_THEY_ARE) for file in files) or any(map(_is_table, files)):
        handed = state.of(HandedOver)
        handed.files, handed.name = [*files], "" if name == _USUAL_NAME else name
        st.switch_page("../pages/export.py")
    # A folder that is called as the dataset is the dataset, and no folder within it.
    within = f"{name}/" if _folder_of(files) == name else ""
    report = space.save(name, [(file.name.removeprefix(within), file) for file in files])
    _tell(state, report)
    if report.added:
        let_go(files)
    if report.added or _holds_files(report.folder):
        open_folder(state, report.folder)
    st.rerun()


def _is_table(file: UploadedFile) -> bool:
    """True for a captions.txt, which is no tag file though it ends like one."""
    if not file.name.lower().endswith(SUFFIXES):
        return False
    head = file.read(HEAD)
    file.seek(0)
    return is_loose_table(head)


def _whole_server() -> None:
    """Tell an administrator in time what all owners take together."""
    if not is_admin() or not (whole := server_space_lately(settings())).is_near:
        return
    notice(
        "warning",
        f"{whole.used / 1e6:,.0f} of {whole.cap / 1e6:,.0f} MB are used, uploads, samples and exports of everybody.",
        "At the end of it new uploads and exports are refused; nothing is deleted. TOOLKIT_TOTAL_MB sets how much.",
        "The space of this server is nearly used up",
    )


def _holds_files(folder: Path) -> bool:
    return any(not path.name.startswith(".") for path in folder.iterdir())


def _tell(state: AppState, report: UploadReport) -> None:
    """What was left out stands above the opened dataset, so that nothing goes missing without a word."""
    state.errors.clear()
    if report.added:
        state.done(f"Uploaded: {counted(len(report.added), 'file')}")
    if report.refused:
        lines = [f"{name}: {reason}" for name, reason in report.refused[:_TOLD]]
        more = len(report.refused) - _TOLD
        lines += [f"and {more:,} more"] if more > 0 else []
        left_out = DatasetError(
            f"Not taken: {counted(len(report.refused), 'file')}. Uploaded: {len(report.added):,}.", "\n".join(lines)
        )
        state.errors["page"] = left_out


def _earlier(state: AppState, space: UploadSpace) -> None:
    folders = space.folders()
    if not folders:
        return
    with st.expander(f"Your uploads ({len(folders):,})"):
        rows = [FolderRow(str(folder), folder.name) for folder in folders]
        pick, point = (guarded(functools.partial(act, state)) for act in (_open, _point))
        folder_list(rows, label="Your uploads", key="picker.uploads", height="9rem", on_open=pick, on_point=point)
        st.selectbox("Delete an upload", [folder.name for folder in folders], index=None, key=_DOOMED)
        if st.session_state.get(_DOOMED):
            delete = guarded(functools.partial(_delete, state, space))
            st.button("Delete it with all its images and tags", key="picker.delete", on_click=delete)


def _open(state: AppState, folder: str) -> None:
    open_folder(state, Path(folder))


def _point(state: AppState, folder: str) -> None:
    state.of(StartState).pointed = RecentFolder(Path(folder), recursive=True, suffix=".txt") if folder else None


def _delete(state: AppState, space: UploadSpace) -> None:
    name = str(st.session_state[_DOOMED])
    space.delete(name)
    st.session_state[_DOOMED] = None
    state.done(f"{name} is deleted")
