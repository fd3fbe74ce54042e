"""The export that runs, what became of the last one, and those that were kept."""

from __future__ import annotations

import functools
from datetime import UTC, datetime

import streamlit as st

from app.elements.pick_list import pick_list
from app.elements.watcher import watch
from app.export.download import download, in_megabytes, size_of, where
from app.export.exports import delete_export, export_space, forget_export, latest_export
from app.export.refusals import refusals
from app.samples.history_words import time_ago
from app.session.messages import guarded, notice, plain, show_error
from app.session.open_dataset import opened
from app.session.owner import LOCAL
from app.session.state import AppState
from lib.exporting.space import KeptExport
from lib.exporting.verify import load_manifest
from lib.exporting.writing import ExportSummary
from lib.jobs.runner import Job
from lib.settings import settings
from lib.text import counted

_LISTED = 20
_FILES = 500


def export_outcome(state: AppState) -> None:
    """Show how far the export of the open folder is, or what came of it."""
    job = latest_export(state)
    if job is None:
        return
    if job.is_active:
        watch(job, every=0.5, show=_progress)
        return
    with st.container(border=True, key="export-outcome"):
        if job.error is not None:
            show_error(job.error)
        elif isinstance(job.result, ExportSummary):
            _summary(state, job.result)
        close = guarded(functools.partial(forget_export, state), "export")
        st.button("Dismiss", key="export.dismiss", type="tertiary", on_click=close)


def _progress(job: Job) -> None:
    if job.is_stopping():
        st.progress(0.0, text="Stopping …")
        return
    half = job.total // 2
    doing = "Writing" if job.done < half else "Reading back"
    text = f"{doing}: {job.done % half if half and job.done < job.total else half:,} of {half:,}"
    st.progress(job.share, text=text)
    st.button("Cancel", key=f"export.cancel.{job.id}", on_click=guarded(job.cancel))


def _summary(state: AppState, done: ExportSummary) -> None:
    if not (done.path.exists() and done.manifest.exists()):
        notice("info", "This export was deleted.")
        return
    samples = counted(done.samples, "sample")
    notice("info", f"{samples} in {done.path.name}, {in_megabytes(done.bytes)}.", "Read back and compared: all whole.")
    with st.container(horizontal=True, vertical_alignment="center"):
        download(done.path, "export.download", label=f"Download, {in_megabytes(done.bytes)}")
        download(done.manifest, "export.manifest", label="Manifest", primary=False)
    if done.path.is_file() and not done.path.is_relative_to(export_space(state).root):
        where(done.path)
    refusals(done.left_out, "not exported", "export.done.left_out")
    refusals(done.renamed, "renamed: their names are too long for files", "export.done.renamed")
    _uses(state, done)
    fold = st.expander("SHA-256 of each file", key=f"export.hashes.{done.path}", on_change="rerun")
    if fold.open:
        with fold:
            _hashes(done)


def _uses(state: AppState, done: ExportSummary) -> None:
    """How programs are started on it: a line each, to copy. A visitor's programs run where it was downloaded to."""
    if not done.use:
        return
    away = [] if state.owner == LOCAL else [f"{done.path.parent}/", f"{opened(state)[0].root.parent}/"]
    with st.expander("Start a program on it", key=f"export.use.{done.path}", expanded=True):
        for program, line in done.use:
            for folder in away:
                line = line.replace(folder, "")
            st.caption(plain(program))
            st.code(line, language=None, wrap_lines=True)


def _hashes(done: ExportSummary) -> None:
    files = load_manifest(done.manifest).files
    rows = [("", done.path.name if file.name == "." else file.name, file.sha256) for file in files[:_FILES]]
    pick_list(rows, label="Files", key="export.files", on_pick=lambda name: None, height="12rem")
    if len(files) > _FILES:
        st.caption(f"The first {_FILES:,} are listed; the manifest has all.")
    st.code(str(done.path), language=None, wrap_lines=True)


def kept_exports(state: AppState) -> None:
    """List the owner's exports, each to be downloaded or deleted."""
    kept = export_space(state).kept()
    if not kept:
        return
    st.subheader("Your exports", anchor=False)
    st.caption(f"Only you see them; they are removed after {settings().upload_days} days.")
    for export in kept[:_LISTED]:
        _row(state, export)
    if len(kept) > _LISTED:
        st.caption(f"The newest {_LISTED} of {len(kept):,} are listed.")


def _row(state: AppState, export: KeptExport) -> None:
    key = str(export.path)
    name, facts, get, remove = st.columns([5, 4, 2, 2], vertical_alignment="center")
    name.text(f"{export.dataset} / {export.path.name}")
    size = "a folder" if export.path.is_dir() else size_of(export.path)
    facts.caption(f"{size} · {time_ago(datetime.fromtimestamp(export.at, UTC).isoformat())}")
    with get:
        download(export.path, f"export.get.{key}", primary=False)
    delete = guarded(functools.partial(delete_export, state, export.path), "export")
    remove.button("Delete", key=f"export.delete.{key}", type="tertiary", icon=":material/delete:", on_click=delete)
