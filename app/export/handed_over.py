"""An upload that was dropped on the start page and needs an import: begun here, and opened once it is in."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.export.imports import (
    INTO,
    NEW,
    Imported,
    ImportManner,
    import_source,
    is_open,
    latest_import,
    open_imported,
    uploaded,
)
from app.export.state import ImportState
from app.session.messages import error_boundary
from app.session.state import AppState
from app.session.uploaded_files import HandedOver
from lib.dataset.workspace.uploads import UploadSpace
from lib.errors import FolderRefused
from lib.settings import settings

_SEVERAL = 100


def take_handed_over(state: AppState) -> None:
    """Import what the start page handed over into a new dataset, and open it where nothing in it is a question."""
    handed = state.of(HandedOver)
    if handed.files:
        st.session_state["export.way"], st.session_state[INTO] = "Import", NEW
        name = _free_name(state, handed.name.strip() or Path(handed.files[0].name).name.partition(".")[0])
        files = handed.files
        state.forget(HandedOver)
        state.errors.pop("import", None)
        with error_boundary(keep="import"):
            import_source(state, uploaded(state, files), ImportManner(name))
            state.of(ImportState).handed_over = state.of(ImportState).asked
    _open_when_done(state)


def _open_when_done(state: AppState) -> None:
    kept, job = state.of(ImportState), latest_import(state)
    if job is None or job.is_active or not kept.handed_over or kept.handed_over != job.id:
        return
    kept.handed_over = ""
    if not isinstance(done := job.result, Imported) or not done.outcome.added or is_open(state, done.folder):
        return
    if not done.outcome.refused and not done.outcome.account.not_understood:
        with error_boundary(keep="import"):
            open_imported(state, job)


def _free_name(state: AppState, name: str) -> str:
    """The name, or the first one after it that is no upload's yet."""
    space = UploadSpace(settings(), state.owner)
    for number in range(1, _SEVERAL):
        candidate = name if number == 1 else f"{name} {number}"
        try:
            space.new_folder(candidate)
        except FolderRefused:
            continue
        return candidate
    return name
