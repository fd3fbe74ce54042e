"""Imports from a page: read in the background, taken into the open folder or into a new dataset of the owner's."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from app.export.state import ImportState
from app.session.jobs import SOON, JobKey, find, forget_ended, start
from app.session.open_dataset import open_folder, opened, reload_folder
from app.session.state import AppState
from app.session.uploaded_files import let_go
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.undo_redo import Restored
from lib.dataset.workspace.hidden import hidden_folder
from lib.dataset.workspace.roots import resolve_source
from lib.dataset.workspace.upload_names import clean_part
from lib.dataset.workspace.uploads import UploadSpace
from lib.errors import InvalidInput
from lib.files import write_errors
from lib.hub import Hub
from lib.importing.base import ImportChoices, ImportTarget
from lib.importing.hub import HubAddress, import_from_hub
from lib.importing.import_into import ImportOutcome, import_into
from lib.jobs.runner import Job
from lib.settings import settings


@dataclass(frozen=True, slots=True)
class ImportManner:
    """How an import goes: into the new dataset called `name`, or the open folder where that is None."""

    name: str | None = None
    choices: ImportChoices = field(default_factory=ImportChoices)


ReadInto = Callable[[Job, ImportTarget], ImportOutcome]
"""Takes a source into a folder, as part of a job."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an import, and which folder it went into."""

    folder: Path
    outcome: ImportOutcome


def import_uploads(state: AppState, files: Sequence[BinaryIO], manner: ImportManner) -> None:
    """Import what the upload box holds, and empty the box."""
    # Taken out one by one, so that no upload is kept longer than it is needed.
    waiting = list(files)
    let_go(waiting)
    state.of(ImportState).uploaders += 1
    source = _uploaded(waiting, settings().workspace(state.owner))
    _start(state, waiting[0].name, manner, _reading(source, manner.choices))


def import_path(state: AppState, text: str, manner: ImportManner) -> None:
    """Import a file or folder of this server. Raises FolderRefused."""
    source = resolve_source(text, settings(), state.owner)
    _start(state, source.name, manner, _reading(contextlib.nullcontext(source), manner.choices))


def import_dataset(state: AppState, address: HubAddress, hub: Hub, manner: ImportManner) -> None:
    """Import a dataset repository of the Hugging Face Hub."""

    def read(job: Job, target: ImportTarget) -> ImportOutcome:
        return import_from_hub(address, target, hub, manner.choices, job)

    _start(state, address.repository, manner, read)


def _reading(source: contextlib.AbstractContextManager[Path], choices: ImportChoices) -> ReadInto:
    def read(job: Job, target: ImportTarget) -> ImportOutcome:
        with source as path:
            return import_into(path, target, choices, progress=job)

    return read


@contextmanager
def _uploaded(files: list[BinaryIO], workspace: Path) -> Iterator[Path]:
    """The uploads as one file, or as one folder, for as long as they are read."""
    refused = write_errors("The upload could not be kept", "Nothing was imported; what was there is unchanged.")
    with refused, hidden_folder(workspace) as folder:
        while files:
            with files.pop(0) as file:
                target = folder / (clean_part(Path(file.name).name) or "upload")
                if target.exists():
                    raise InvalidInput(f"There are two uploads of the name “{target.name}”.", "Import one at a time.")
                with target.open("xb") as out:
                    shutil.copyfileobj(file, out, 1 << 20)
        found = list(folder.iterdir())
        yield found[0] if len(found) == 1 else folder


def _start(state: AppState, called: str, manner: ImportManner, read: ReadInto) -> None:
    if (known := latest_import(state)) is not None and known.is_active:
        raise InvalidInput("An import is under way already.", "Wait until it has ended, or cancel it.")
    space = UploadSpace(settings(), state.owner)
    if manner.name is None:
        dataset, _ = opened(state)
        folder, suffix = dataset.root, dataset.suffix
    else:
        folder, suffix = space.new_folder(manner.name.strip() or Path(called).name.partition(".")[0]), ".txt"
    room = space.room() if folder.resolve().is_relative_to(space.root.resolve()) else None
    target = ImportTarget(folder, settings(), state.owner, suffix, room, is_made=manner.name is not None)

    def work(job: Job) -> Imported:
        try:
            outcome = read(job, target)
        finally:
            if manner.name is not None:
                # A new dataset into which nothing came is none.
                with contextlib.suppress(OSError):
                    folder.rmdir()
        return Imported(folder, outcome)

    start(_key(state), f"Importing {called}", work, wait=SOON)


def latest_import(state: AppState) -> Job | None:
    """The import that runs, or the last one; its result is an `Imported`."""
    return find(_key(state))


def rescan_after_import(state: AppState, job: Job) -> None:
    """Scan the open folder again, once, after something was imported into it."""
    done: Imported = job.result
    if state.of(ImportState).seen != job.id and is_open(state, done.folder):
        state.of(ImportState).seen = job.id
        reload_folder(state)


def is_open(state: AppState, folder: Path) -> bool:
    return state.dataset is not None and state.dataset.root == folder.resolve()


def open_imported(state: AppState, job: Job) -> None:
    """Open the folder that was imported into."""
    state.of(ImportState).seen = job.id
    open_folder(state, job.result.folder)


def forget_import(state: AppState) -> None:
    """Show the last outcome no longer. What was imported stays."""
    forget_ended(_key(state))


def undo_import(state: AppState, operation: int) -> None:
    """Take an import into the open folder back, its images and its captions."""
    _, store = opened(state)

    def work(job: Job) -> Restored:
        return Operations(store).undo(operation, progress=job)

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
