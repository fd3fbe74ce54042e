"""Exports from a page: written in the background into the owner's workspace, and found again after a refresh."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.samples.scope import take_scope
from app.session.jobs import SOON, JobKey, find, forget_ended, start
from app.session.open_dataset import is_table, opened, store_for
from app.session.owner import LOCAL
from app.session.state import AppState
from lib.dataset.workspace.roots import resolve_target
from lib.errors import FolderRefused, InvalidInput
from lib.exporting.base import ExportOptions, ExportPlan
from lib.exporting.planning import estimate_bytes, plan_export
from lib.exporting.registry import EXPORTERS
from lib.exporting.space import ExportSpace
from lib.exporting.writing import ExportSummary, export
from lib.jobs.runner import Job
from lib.scope import look_in
from lib.settings import settings
from lib.tables.exported_map import map_along


def export_space(state: AppState) -> ExportSpace:
    """The exports of the owner of this session."""
    return ExportSpace(settings(), state.owner)


def plan_now(state: AppState, options: ExportOptions) -> ExportPlan:
    """What an export of the images in scope would hold, as they are on the disk now.

    Raises InvalidInput where that is nothing.
    """
    take_scope(state)
    dataset, _ = opened(state)
    store = store_for(state, dataset.root, recursive=dataset.recursive, suffix=dataset.suffix)
    assert store.dataset is not None
    found = look_in(state.scope, store.dataset)
    unreadable = {**dataset.unreadable, **store.dataset.unreadable}
    marked = [record.name for record in found.left_out]
    plan = plan_export(store.root, found.records, unreadable, options, store.journal, marked)
    plan = replace(plan, places=map_along(settings().owner_folder(state.owner), dataset))
    if not plan.records:
        raise InvalidInput("There is nothing to export.", "No image in scope has a caption that can go out.")
    return plan


def may_choose_folder(state: AppState) -> bool:
    """Whether this owner may export into a folder of this server: who sits at it, or whom its settings let in."""
    return state.owner == LOCAL or bool(settings().roots)


def start_export(state: AppState, format: str, options: ExportOptions, folder: str = "") -> None:
    """Export the images in scope into a folder of this server, "" for the owner's workspace.

    A second click joins the export that runs. Raises InvalidInput where nothing would go out, FolderRefused,
    QuotaExceeded.
    """
    if folder and not may_choose_folder(state):
        raise FolderRefused("Exports stay in your own space here.", "Leave the folder empty, and download the export.")
    if is_table(state) and not EXPORTERS[format].takes_rows:
        raise InvalidInput(f"{EXPORTERS[format].label} is not made of a table.", "Choose another format.")
    plan = plan_now(state, options)
    space = export_space(state)
    if folder:
        out = resolve_target(folder, settings(), state.owner)
        joins = is_table(state) or (EXPORTERS[format].is_folder and not options.zipped)
        if joins and out.is_relative_to(plan.root):
            raise InvalidInput(
                "This folder lies in the dataset, and the export would become part of it.",
                "Choose another folder, or export into one zip.",
            )
    else:
        out = space.folder_for(plan.root)
    visitor = state.owner != LOCAL
    if visitor:
        # On their own machine people know best what their disk is for.
        space.make_room(estimate_bytes(plan, images=EXPORTERS[format].has_images))

    def work(job: Job) -> ExportSummary:
        done = export(format, plan, out, job)
        if folder and visitor:
            space.count(done.path)
        return done

    title = f"Exporting {len(plan.records):,} samples as {EXPORTERS[format].label}"
    start(_key(state), title, work, wait=SOON)


def latest_export(state: AppState) -> Job | None:
    """The export of the open folder that runs, or the last one; its result is an `ExportSummary`."""
    return find(_key(state))


def forget_export(state: AppState) -> None:
    """Show the last outcome no longer. What was exported stays."""
    forget_ended(_key(state))


def delete_export(state: AppState, path: Path) -> None:
    """Delete one of the owner's exports."""
    export_space(state).delete(path)
    job = latest_export(state) if state.dataset is not None else None
    if job is not None and isinstance(job.result, ExportSummary) and job.result.path == path:
        forget_export(state)
    state.done(f"{path.name} is deleted")


def _key(state: AppState) -> JobKey:
    return JobKey("export", state.owner, opened(state)[0].root)
