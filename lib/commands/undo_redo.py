"""`undo` and `redo`: whole operations, taken back and done again."""

from __future__ import annotations

from typing import Annotated

import typer

from lib.commands.command import DryRun, Folder, command
from lib.commands.cut_short import join_cut_short
from lib.commands.differences import TextChange, shown_text, unified
from lib.commands.folders import open_folder
from lib.commands.result import Result, entries
from lib.commands.screen import Screen
from lib.dataset.journal.rows import Direction
from lib.dataset.saving.operations import operations_of
from lib.dataset.saving.store import Store
from lib.dataset.saving.undo_redo import Restored, chosen
from lib.errors import InvalidInput
from lib.text import counted

Number = Annotated[
    int | None, typer.Argument(help="Which operation; the newest unless given.", metavar="[N]", show_default=False)
]
Former = Annotated[int | None, typer.Option("--operation", hidden=True)]


@command()
def undo(
    folder: Folder, screen: Screen, number: Number = None, operation: Former = None, dry_run: DryRun = False
) -> Result:
    """Take an operation back, an import with its images. What changed since is left alone and listed."""
    return _go(folder, screen, _number(number, operation, screen), "undo", dry_run)


@command()
def redo(
    folder: Folder, screen: Screen, number: Number = None, operation: Former = None, dry_run: DryRun = False
) -> Result:
    """Do an operation again that was taken back: the last one, unless it is named."""
    return _go(folder, screen, _number(number, operation, screen), "redo", dry_run)


def _number(number: int | None, former: int | None, screen: Screen) -> int | None:
    if former is None:
        return number
    if number is not None and number != former:
        raise InvalidInput("Two operations are named.", "Give the number alone, without --operation.")
    screen.note("--operation N is written N by now, behind the folder; both do the same.")
    return former


def _go(folder: Folder, screen: Screen, number: int | None, direction: Direction, dry_run: bool) -> Result:
    _, store = open_folder(folder, screen)
    join_cut_short(store)
    if dry_run:
        return _shown(store, number, direction, screen)
    operations = operations_of(store)
    with screen.progress("Undoing" if direction == "undo" else "Doing again") as progress:
        done = (operations.undo if direction == "undo" else operations.redo)(number, progress=progress)
    touched = {"restored": done.restored, "images": done.images, "marked": done.marked}
    counts = touched | {"left_alone": len(done.left_alone)}
    more = touched | {"left_alone": entries(done.left_alone)}
    return Result(_sentence(done, direction), counts, done.left_alone, done.operation, more)


def _sentence(done: Restored, direction: Direction) -> str:
    verb = "taken back" if direction == "undo" else "done again"
    sentence = f"Operation {done.operation} {verb}: {_what(done.restored, done.images, done.marked)}"
    if not done.restored and not done.images and not done.marked:
        return f"{sentence}. It stays as it is; the next {direction} is that of the next operation"
    return sentence


def _what(files: int, images: int, marked: int) -> str:
    """What an operation touches, without what it does not."""
    parts = [counted(files, "file")] if files or not (images or marked) else []
    parts += [counted(images, "image")] if images else []
    parts += [f"marks of {counted(marked, 'image')}"] if marked else []
    return ", ".join(parts)


def _shown(store: Store, number: int | None, direction: Direction, screen: Screen) -> Result:
    entry = chosen(store, number, direction)
    changes = [
        TextChange(one.path, shown_text(one.after if direction == "undo" else one.before),
                   shown_text(one.before if direction == "undo" else one.after))
        for one in store.journal.file_changes(entry.operation)
    ]  # fmt: skip
    images = sum(not image.is_tag_file for image in store.journal.images(entry.operation))
    verb = "taken back" if direction == "undo" else "done again"
    marked = int(entry.detail.get("marked", 0))
    sentence = f"Operation {entry.operation} would be {verb}: {_what(len(changes), images, marked)}"
    more = {
        "restored": len(changes),
        "images": images,
        "marked": marked,
        "left_alone": [],
        "dry_run": True,
        "changes": [{"file": one.path, "before": one.before, "after": one.after} for one in changes],
    }
    screen.note(sentence)
    counts = {"restored": len(changes), "images": images, "marked": marked, "left_alone": 0}
    return Result(unified(changes), counts, operation=entry.operation, more=more)
