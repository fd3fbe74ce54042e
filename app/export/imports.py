"""Imports from a page: read in the background, taken into the open folder or into a new dataset of the owner's."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import streamlit as st

from app.export.import_sources import ImportSource, OnHub, Upload
from app.export.state import ImportState
from app.session.jobs import SOON, JobKey, find, forget_ended, kept_here, start
from app.session.open_dataset import open_folder, opened, reload_folder
from app.session.state import AppState
from app.session.uploaded_files import let_go
from lib.dataset.saving.operations import operations_of
from lib.dataset.saving.undo_redo import Restored
from lib.dataset.workspace.roots import resolve_source
from lib.dataset.workspace.uploads import UploadSpace
from lib.errors import InvalidInput
from lib.hub import Hub
from lib.importing.base import ImportChoices, ImportTarget
from lib.importing.hub import HubAddress
from lib.importing.import_into import ImportOutcome, import_into
from lib.importing.look import Look, look_into
from lib.jobs.runner import Job
from lib.settings import settings

INTO, NEW = "import.into", "A new dataset"
"""The key of the field that says where an import goes, and what it holds where that is not the open folder."""


@dataclass(frozen=True, slots=True)
class ImportManner:
    """How an import goes: into the new dataset called `name`, or the open folder where that is None."""

    name: str | None = None
    choices: ImportChoices = field(default_factory=ImportChoices)


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an import, and which folder it went into."""

    folder: Path
    outcome: ImportOutcome


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in a source, before anything is imported. `asks`: it was to be imported, and needs a choice."""

    look: Look
    source: ImportSource
    manner: ImportManner
    asks: bool = False


class _ChoiceNeeded(Exception):
    def __init__(self, look: Look) -> None:
        self.look = look


def uploaded(state: AppState, files: Sequence[BinaryIO]) -> ImportSource:
    """What the upload box holds; the box is emptied."""
    # Taken out one by one, so that no upload is kept longer than it is needed.
    waiting = list(files)
    let_go(waiting)
    state.of(ImportState).uploaders += 1
    return ImportSource(waiting[0].name, brought=Upload(waiting, settings(), state.owner))


def on_server(state: AppState, text: str) -> ImportSource:
    """A file or folder of this server. Raises FolderRefused."""
    source = resolve_source(text, settings(), state.owner)
    return ImportSource(source.name, source)


def on_hub(state: AppState, address: HubAddress, hub: Hub) -> ImportSource:
    """A dataset repository of the Hugging Face Hub."""
    return ImportSource(address.repository, brought=OnHub(address, hub, settings(), state.owner))


ReadInto = Callable[[Job, ImportTarget], ImportOutcome | Looked]
"""Takes a source into a folder, or looks at it, as part of a job."""


def import_source(state: AppState, source: ImportSource, manner: ImportManner, *, asks: bool = True) -> None:
    """Import a source. `asks`: where a table needs a choice, only look at it, so that it can be made."""

    def found(look: Look) -> None:
        if asks and look.needs_choice:
            raise _ChoiceNeeded(look)

    def read(job: Job, target: ImportTarget) -> ImportOutcome | Looked:
        try:
            done = import_into(source.path(target.room, job), target, manner.choices, progress=job, found=found)
        except _ChoiceNeeded as needed:
            return Looked(needed.look, source, manner, asks=True)
        except BaseException:
            source.let_go()
            raise
        source.let_go()
        return done

    _start(state, source, manner, read)


def look_at(state: AppState, source: ImportSource, manner: ImportManner) -> None:
    """Look at what an import would bring."""

    def read(job: Job, target: ImportTarget) -> Looked:
        try:
            return Looked(
                look_into(source.path(target.room, job), target, manner.choices, progress=job), source, manner
            )
        except BaseException:
            source.let_go()
            raise

    _start(state, source, manner, read, "Looking into")


def _start(
    state: AppState, source: ImportSource, manner: ImportManner, read: ReadInto, verb: str = "Importing"
) -> None:
    if (known := latest_import(state)) is not None and known.is_active:
        raise InvalidInput("An import is under way already.", "Wait until it has ended, or cancel it.")
    target = _target(state, source.called, manner)
    _leave_look(state, source)

    def work(job: Job) -> Imported | Looked:
        try:
            outcome = read(job, target)
        finally:
            if manner.name is not None:
                # A new dataset into which nothing came is none.
                with contextlib.suppress(OSError):
                    target.folder.rmdir()
        if isinstance(outcome, Looked):
            job.waits_for_a_choice = outcome.asks
            return outcome
        return Imported(target.folder, outcome)

    state.of(ImportState).asked = start(_key(state), f"{verb} {source.called}", work, wait=SOON).id


def _target(state: AppState, called: str, manner: ImportManner) -> ImportTarget:
    space = UploadSpace(settings(), state.owner)
    if manner.name is None:
        dataset, _ = opened(state)
        folder, suffix = dataset.root, dataset.suffix
    else:
        folder, suffix = space.new_folder(manner.name.strip() or Path(called).name.partition(".")[0]), ".txt"
    room = space.room() if folder.resolve().is_relative_to(space.root.resolve()) else None
    return ImportTarget(folder, settings(), state.owner, suffix, room, is_made=manner.name is not None)


def latest_import(state: AppState) -> Job | None:
    """The import or look that runs, or the last one; its result is an `Imported`, or a `Looked` of this session."""
    job = find(_key(state))
    if job is not None and isinstance(job.result, Looked):
        # The session alone keeps it, and the upload with it.
        state.of(ImportState).looked = kept_here(job)
        job = None
    if job is not None and _is_others(state, job):
        job = None
    return job or state.of(ImportState).looked


def _is_others(state: AppState, job: Job) -> bool:
    """True for an import of another tab into a folder that is not open here: what came of it is told there."""
    if job.is_active or not isinstance(job.result, Imported) or state.of(ImportState).asked == job.id:
        return False
    return state.dataset is not None and not is_open(state, job.result.folder)


def rescan_after_import(state: AppState, job: Job) -> None:
    """Scan the open folder again, once, after something was imported into it."""
    done: Imported = job.result
    if state.of(ImportState).seen != job.id and is_open(state, done.folder):
        state.of(ImportState).seen = job.id
        reload_folder(state)


def is_open(state: AppState, folder: Path) -> bool:
    return state.dataset is not None and state.dataset.root == folder.resolve()


def open_imported(state: AppState, job: Job) -> None:
    """Open the folder that was imported into; the page then leads to its images."""
    open_folder(state, job.result.folder)
    # What is taken in next may well belong to what is open now.
    st.session_state.pop(INTO, None)
    kept = state.of(ImportState)
    kept.seen, kept.is_leaving = job.id, True


def forget_import(state: AppState) -> None:
    """Show the last outcome no longer. What was imported stays; what was only looked at is let go."""
    _leave_look(state)
    forget_ended(_key(state))


def _leave_look(state: AppState, going_on: ImportSource | None = None) -> None:
    """Show the last look no longer, and let its upload go unless that is what goes on being read."""
    looked, state.of(ImportState).looked = state.of(ImportState).looked, None
    if looked is not None and isinstance(looked.result, Looked) and looked.result.source is not going_on:
        looked.result.source.let_go()


def undo_import(state: AppState, operation: int) -> None:
    """Take an import into the open folder back, its images and its captions."""
    _, store = opened(state)

    def work(job: Job) -> Restored:
        return operations_of(store).undo(operation, progress=job)

    known = undoing_import(state, operation)
    if known is None or known.error is not None:
        known = start(_undoing(state, operation), "Taking the import back", work)
    known.wait(SOON)


def undoing_import(state: AppState, operation: int) -> Job | None:
    """The job that takes an import back, or took it, unless it was done again since; its result is a `Restored`."""
    job = find(_undoing(state, operation))
    if job is None or not isinstance(job.result, Restored) or not (job.result.restored or job.result.images):
        return job
    return job if opened(state)[1].journal.state_of(operation) != "done" else None


def rescan_after_import_undo(state: AppState, job: Job) -> None:
    """Scan the open folder again, once, after images were taken away."""
    if state.of(ImportState).undone != job.id and job.result.images:
        state.of(ImportState).undone = job.id
        reload_folder(state)


def _key(state: AppState) -> JobKey:
    # One at a time, whichever folder it goes into.
    return JobKey("import", state.owner)


def _undoing(state: AppState, operation: int) -> JobKey:
    return JobKey("import undo", state.owner, opened(state)[0].root, operation)
