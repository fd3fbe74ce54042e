"""`affix`, `replace`, `blanks`, `undo`, `redo` and `history`: many captions in one operation that can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from lib.bulk import Change, Find, apply_changes, plan_affix, plan_replace
from lib.commands.common import Folder, Json, Only, app, open_folder, records_of, report
from lib.dataset.journal.damage import damage_told
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.undo_redo import Restored
from lib.owners import owners_of
from lib.settings import settings
from lib.text import counted

Operation = Annotated[int | None, typer.Option("--operation", help="Which one; the newest unless given.")]


@app.command()
def affix(
    folder: Folder,
    prefix: Annotated[str, typer.Option(help="Put before every caption.")] = "",
    suffix: Annotated[str, typer.Option(help="Put after every caption.")] = "",
    separator: Annotated[str, typer.Option(help="Between them and the caption.")] = ", ",
    as_json: Json = False,
) -> None:
    """Put a text before or after every caption that does not have it yet."""
    dataset, store = open_folder(folder)
    done = apply_changes(store, plan_affix(dataset.records, prefix, suffix, separator), "affix")
    report({"files": done.changed, **_left(done.left_alone)}, as_json, f"{done.changed} files changed")
    _exit(done.left_alone)


@app.command()
def replace(
    folder: Folder,
    find: Annotated[str, typer.Argument(help="What to find, letter by letter unless --regex is given.")],
    replacement: Annotated[str, typer.Argument(help="What to put in its place.", metavar="WITH")],
    regex: Annotated[bool, typer.Option("--regex", help="FIND is a regular expression; WITH may hold \\1.")] = False,
    ignore_case: Annotated[bool, typer.Option("--ignore-case")] = False,
    whole_word: Annotated[bool, typer.Option("--whole-word")] = False,
    only: Only = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would change, and change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Find and replace in every caption, as one operation."""
    dataset, store = open_folder(folder)
    records = records_of(dataset, only)
    changes = plan_replace(records, Find(find, regex, ignore_case, whole_word), replacement)
    hits = sum(change.hits for change in changes)
    if dry_run:
        report({"files": len(changes), "hits": hits, **_left(())}, as_json, _preview(changes))
        return
    done = apply_changes(store, changes, "replace")
    report({"files": done.changed, "hits": hits, **_left(done.left_alone)}, as_json, f"{done.changed} files changed")
    _exit(done.left_alone)


def _preview(changes: Sequence[Change]) -> str:
    lines = [f"{change.name}\n- {change.before}\n+ {change.after}" for change in changes]
    return "\n".join([*lines, f"{len(changes)} files would change"])


@app.command()
def blanks(
    folder: Folder,
    remove: Annotated[bool, typer.Option("--remove", help="Remove them, as one operation that can be undone.")] = False,
    as_json: Json = False,
) -> None:
    """List the images whose tag file has not a byte in it: one of them stops kohya's sd-scripts."""
    dataset, store = open_folder(folder)
    names = [record.name for record in dataset.records if record.is_empty]
    if not remove:
        lines = [*names, counted(len(names), "empty tag file")]
        report({"count": len(names), "images": names}, as_json, "\n".join(lines))
        return
    done = Operations(store).remove_empty(names)
    report({"files": done.changed, **_left(done.left_alone)}, as_json, f"{done.changed} files removed")
    _exit(done.left_alone)


@app.command()
def undo(folder: Folder, operation: Operation = None, as_json: Json = False) -> None:
    """Take the newest operation back, an import with its images. What changed since is left alone and listed."""
    _, store = open_folder(folder)
    _tell(Operations(store).undo(operation), "taken back", as_json)


@app.command()
def redo(folder: Folder, operation: Operation = None, as_json: Json = False) -> None:
    """Do the operation again that was taken back last."""
    _, store = open_folder(folder)
    _tell(Operations(store).redo(operation), "done again", as_json)


@app.command()
def history(folder: Path, as_json: Json = False) -> None:
    """List what was done to a folder's captions, the newest first."""
    _, store = open_folder(folder)
    for damage in store.journal.damages():
        typer.echo(" ".join(damage_told(damage)), err=True)
    shown = owners_of(settings().home).shown
    entries: list[dict[str, Any]] = [
        {"operation": it.operation, "kind": it.kind, "files": it.files, "time": it.at, "by": shown(it.by)}
        for it in Operations(store).history()
    ]
    lines = [f"{e['operation']:>6}  {e['time']}  {e['kind']}  {e['files']} files  by {e['by']}" for e in entries]
    report(entries, as_json, "\n".join(lines) or "Nothing was done yet")


def _tell(done: Restored, verb: str, as_json: bool) -> None:
    counts = {"restored": done.restored, "images": done.images}
    images = f", {done.images} images" if done.images else ""
    sentence = f"Operation {done.operation} {verb}: {done.restored} files{images}"
    report({"operation": done.operation, **counts, **_left(done.left_alone)}, as_json, sentence)
    _exit(done.left_alone)


def _left(left_alone: Sequence[tuple[str, str]]) -> dict[str, list[dict[str, str]]]:
    return {"left_alone": [{"image": image, "reason": reason} for image, reason in left_alone]}


def _exit(left_alone: Sequence[tuple[str, str]]) -> None:
    for image, reason in left_alone:
        typer.echo(f"{image}: {reason}", err=True)
    if left_alone:
        raise typer.Exit(1)
