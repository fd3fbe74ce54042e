"""What was edited in a table, folded into the table's own files; or into a copy of them, where they are not ours.

Each file is written whole or not at all, and the edits go after the last of them. So a table reads the same at any
moment: what is folded in already is laid over by the very same words.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lib.dataset.journal.journal import Journal
from lib.dataset.tag_files.sidecar import hash_of
from lib.errors import Cancelled, InvalidInput
from lib.files import new_token, write_errors
from lib.part_jobs import toolkit_version
from lib.parts.base import part_file
from lib.parts.job import JobSpec, check_job, done_numbers, read_job, settle_job
from lib.places import DataPlace
from lib.places.claims import WhileClaimed, claimed_place
from lib.progress import NOBODY, Progress
from lib.tables.reading import TableFiles, job_source
from lib.tables.rewriting import former_captions, rewrite
from lib.tables.store import TableStore

COMPACT = "compact"
"""What `_job.json` calls a copy with its edits folded in."""


@dataclass(frozen=True, slots=True)
class FoldPlan:
    """What is to be folded in. `edits`: the files of the overlay, `names` what each edited row is called.

    `rows`: the captions that files are to hold, by file and row; `former`: what they hold now. `gone`: edits of rows
    that are not in the table, which stay edits. `lost`: the former words of so many rows stand in no history here.
    `folds`: how often edits had been folded in by then.
    """

    edits: tuple[str, ...]
    rows: Mapping[str, Mapping[int, str]]
    former: Mapping[str, Mapping[int, str]]
    gone: Mapping[str, str] = field(default_factory=dict)
    lost: int = 0
    folds: int = 0

    @property
    def captions(self) -> int:
        return sum(map(len, self.former.values()))


def check_foldable(store: TableStore) -> None:
    """Raises InvalidInput for a table that was not made by a job of ours: its files stay as they are."""
    place = store.table.files.place
    if not store.root.is_file() and read_job(place) is not None:
        return
    raise InvalidInput(
        f"“{store.root}” was not made by “captioner run”, and its files stay as they are.",
        "Nothing was changed. --out FOLDER writes a copy of it with the edits in it.",
    )


def plan_fold(store: TableStore) -> FoldPlan:
    """What was edited in a table up to now. Nobody is kept from editing on. Raises ToolkitError."""
    table = store.table
    if not table.overlay.folder.is_dir():
        return FoldPlan((), {}, {})
    with store.alone():
        folds, edits = table.overlay.folded().times, tuple(table.overlay.files())
        texts = table.overlay.read(edits)
    rows: dict[str, dict[int, str]] = {}
    gone: dict[str, str] = {}
    names: dict[tuple[str, int], str] = {}
    for name, text in texts.items():
        if (row := table.index_of(name)) is None:
            gone[name] = text
            continue
        file, at = table.files.locate(row)
        rows.setdefault(file, {})[at] = text
        names[file, at] = name
    files = table.files
    former = {file: found for file in rows if (found := former_captions(files.place, file, files.columns, rows[file]))}
    lost = {
        names[file, row]: hash_of(text.encode())
        for file, found in former.items()
        for row, text in found.items()
        if text
    }
    _forget_known(lost, store.journal)
    return FoldPlan(edits, rows, former, gone, len(lost), folds)


def _forget_known(lost: dict[str, str], journal: Journal) -> None:
    """Strikes those whose words stand in the history."""
    for operation in journal.operations(-1):
        for change in journal.file_changes(operation.operation):
            if lost.get(change.path) == hash_of(change.before or b""):
                del lost[change.path]


def fold(store: TableStore, plan: FoldPlan, progress: Progress = NOBODY) -> FoldPlan:
    """Folds a plan into the table; one that others have folded since is made anew. What was folded in comes back.

    Broken off or killed, it is taken up by the next one; nothing reads otherwise.
    Raises Busy where another process, on whichever machine, writes to the table's files; Cancelled, ToolkitError.
    """
    files, overlay = store.table.files, store.table.overlay
    with claimed_place(files.place) as claim:
        watched = WhileClaimed(progress, claim)
        if overlay.folded().times != plan.folds:
            plan = plan_fold(store)
        _write_anew(files, plan, {name: name for name in plan.former}, files.place, watched)
        with store.alone():
            _stop_if_cancelled(watched)
            if plan.gone:
                # A job that makes their parts once more brings their rows back.
                overlay.write(new_token(), plan.gone)
            overlay.fold(plan.edits)
    return plan


def copy_folded(store: TableStore, plan: FoldPlan, sink: DataPlace, progress: Progress = NOBODY) -> int:
    """Writes a table with its edits in it elsewhere, and gives how many of its files were there already.

    The same table goes on where it was broken off. Raises InvalidInput where something else has that place, Busy where
    another process writes there, Cancelled, ToolkitError.
    """
    files = store.table.files
    if sink.folder is not None and _hold_one_another(sink.folder.absolute(), store.root):
        raise InvalidInput(f"{sink} and the table hold one another.", "Nothing was done. Give a folder elsewhere.")
    digest = hashlib.sha256("\n".join((files.stamp, *plan.edits)).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    # Where its pictures are looked for, too.
    source = ("" if store.root.is_file() else job_source(files.place)) or str(files.place)
    spec = JobSpec(COMPACT, "", {}, source, digest, 0, len(files.names), files.starts[-1], toolkit_version())
    check_job(sink, spec)
    with claimed_place(sink) as claim:
        there = done_numbers(sink) if settle_job(sink, spec) else {}
        wanted = {name: part_file(number) for number, name in enumerate(files.names) if number not in there}
        _write_anew(files, plan, wanted, sink, WhileClaimed(progress, claim))
    return len(there)


def _hold_one_another(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _stop_if_cancelled(progress: Progress) -> None:
    if progress.is_cancelled():
        raise Cancelled("It was broken off.", "No edit was lost; the same command goes on with the rest.")


def _write_anew(
    files: TableFiles, plan: FoldPlan, wanted: Mapping[str, str], target: DataPlace, progress: Progress
) -> None:
    """Writes files of a table with what was edited in them. `wanted`: what each is called in the target."""
    with tempfile.TemporaryDirectory(prefix="fold-") as folder:
        anew = Path(folder) / "anew.parquet"
        for number, (name, called) in enumerate(wanted.items()):
            _stop_if_cancelled(progress)
            progress.advance(number, len(wanted))
            with write_errors(f"“{name}” was not written anew", "No edit was lost."):
                rewrite(files.place, name, files.columns, plan.rows.get(name, {}), anew)
            target.put(called, anew)
    progress.advance(len(wanted), len(wanted))
