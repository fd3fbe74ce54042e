"""`history`: what was done to a folder's captions, and one operation with all of its changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from lib.commands.command import Folder, command
from lib.commands.cut_short import join_cut_short
from lib.commands.differences import TextChange, shown_text, unified
from lib.commands.folders import open_folder
from lib.commands.result import Result
from lib.commands.screen import Screen
from lib.dataset.journal.damage import damage_told
from lib.dataset.journal.rows import ChangeEntry, OperationEntry
from lib.dataset.saving.store import Store
from lib.errors import InvalidInput
from lib.owners import owners_of
from lib.settings import settings
from lib.text import counted


@command()
def history(
    folder: Folder,
    screen: Screen,
    operation: Annotated[
        int | None,
        typer.Option("--operation", help="One operation: its state, arguments, and every change.", metavar="N",
                     show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="No more operations than this (0: all).")] = 0,
) -> Result:  # fmt: skip
    """List what was done to a folder's captions, the newest first."""
    _, store = open_folder(folder, screen)
    join_cut_short(store)
    for damage in store.journal.damages():
        screen.note(" ".join(damage_told(damage)))
    if operation is not None:
        return _one(store, operation)
    entries = store.journal.operations(limit or -1)
    listed = [_told(entry) for entry in entries]
    lines = [
        f"{one['operation']:>6}  {one['time']}  {one['kind']}  {_touched(entry, one)}  by {one['by']}"
        + ("" if one["state"] == "done" else f"  ({one['state']})")
        for entry, one in zip(entries, listed, strict=True)
    ]
    counts = {"operations": len(listed)}
    return Result("\n".join(lines) or "Nothing was done yet", counts, more={"operations": listed})


def _told(entry: OperationEntry) -> dict[str, Any]:
    shown = owners_of(settings().home).shown
    return {
        "operation": entry.operation,
        "kind": entry.kind,
        "files": entry.files,
        "images": entry.detail.get("images", 0),
        "marked": entry.detail.get("marked", 0),
        "time": entry.at,
        "by": shown(entry.by),
        "state": entry.state,
    }


def _touched(entry: OperationEntry, told: Mapping[str, Any]) -> str:
    """What an operation was about: images that came or went, tag files, marks; what it was not about is not said."""
    if entry.kind == "rename":
        return f"{entry.detail.get('from', '')} to {entry.detail.get('to', '')}"
    parts = [(told["images"], "image"), (told["files"], "file"), (told["marked"], "mark")]
    return ", ".join(counted(count, what) for count, what in parts if count) or "no file"


def _one(store: Store, number: int) -> Result:
    entry = store.journal.operation(number)
    if entry is None:
        raise InvalidInput(f"There is no operation {number}.", "“captioner history” lists those that there are.")
    told, arguments = _told(entry), _arguments(entry)
    changes = [_change(one) for one in store.journal.entries(number)]
    lines = [f"{name}: {value}" for name, value in told.items()]
    lines += [f"{name}: {value}" for name, value in arguments.items()]
    if diff := unified(changes):
        lines += ["", diff]
    marks = store.journal.marks.changes(number)
    lines += [f"{one.name}: {one.mark} {one.before} → {one.after}" for one in marks]
    more = {
        **told,
        "arguments": arguments,
        "changes": [{"file": one.path, "before": one.before, "after": one.after} for one in changes],
        "marks": [{"image": one.name, "mark": one.mark, "before": one.before, "after": one.after} for one in marks],
    }
    counts = {"files": entry.files, "images": told["images"], "marked": told["marked"]}
    return Result("\n".join(lines), counts, operation=number, more=more)


def _arguments(entry: OperationEntry) -> dict[str, Any]:
    """What it was asked for: the options of a command, or the model with its prompt."""
    origin = entry.origin
    model = {"model": origin.model, "prompt": origin.prompt, "params": dict(origin.params)} if origin.model else {}
    names = {name: entry.detail[name] for name in ("from", "to") if entry.kind == "rename" and name in entry.detail}
    return dict(entry.detail.get("arguments", {})) | model | names


def _change(one: ChangeEntry) -> TextChange:
    return TextChange(one.path, shown_text(one.before), shown_text(one.after))
