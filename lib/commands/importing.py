"""`import`: another program's dataset, taken into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from lib.commands.common import OWNER, Folder, Json, OnBar, app, progress, report
from lib.hub import Hub
from lib.importing.base import ConflictRule, ImportChoices, ImportTarget
from lib.importing.captions import choice_of
from lib.importing.hub import SCHEME, import_from_hub, parse_address
from lib.importing.import_into import ImportOutcome, import_into
from lib.importing.reading_choice import reading_of
from lib.progress import Progress
from lib.settings import settings


@app.command("import")
def import_(
    source: Annotated[
        str,
        typer.Argument(
            help="A file or folder of any known kind, or hf://owner/name[@revision][/subfolder].", metavar="SRC"
        ),
    ],
    folder: Folder,
    existing: Annotated[ConflictRule, typer.Option(help="What to do with what is there already.")] = "skip",
    caption: Annotated[
        Literal["1", "2", "3", "4", "5", "first", "longest", "caption-file", "txt", "all"],
        typer.Option(help="Which one, where an image has several; all of them become lines of one."),
    ] = "all",
    image_column: Annotated[str, typer.Option(help="The column of a table that names the images.")] = "",
    caption_column: Annotated[str, typer.Option(help="The column of a table that holds the captions.")] = "",
    delimiter: Annotated[str, typer.Option(help="What stands between the columns of a table; “tab” for a tab.")] = "",
    encoding: Annotated[str, typer.Option(help="The encoding of tables, and of names in zips that tell none.")] = "",
    as_json: Json = False,
) -> None:
    """Take images and captions into a folder, as one operation that `undo` takes back.

    The status is 1 where anything was refused, or a file that may hold captions was not understood.
    """
    reading = reading_of(image_column, caption_column, delimiter, encoding)
    with progress("Importing", hidden=as_json) as bar:
        choices = ImportChoices(existing, choice_of(caption), reading)
        target = ImportTarget(folder, settings(), OWNER, is_made=not folder.exists())
        done = _import_from(source, target, choices, OnBar(bar, "Importing"))
    report(_values(done), as_json, _sentence(done))
    account = done.account
    for name, reason in (*account.refused, *account.not_understood):
        typer.echo(f"{name}: {reason}", err=True)
    if account.refused or account.not_understood:
        raise typer.Exit(1)


def _values(done: ImportOutcome) -> dict[str, Any]:
    account = done.account
    tables = [{"name": table.name, "captions": table.captions, "reason": table.reason} for table in account.tables]
    return {
        "added": done.added,
        "captioned": done.captioned,
        "uncaptioned": done.uncaptioned,
        "skipped": done.skipped,
        "conflicts": done.conflicts,
        "tables": tables,
        "not_understood": _named(account.not_understood),
        "ignored": dict(sorted(account.ignored.items())),
        "refused": _named(account.refused),
        "notes": _named(account.notes),
    }


def _named(rows: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "reason": reason} for name, reason in rows]


def _sentence(done: ImportOutcome) -> str:
    account = done.account
    lines = [
        f"{done.added} added ({done.captioned} with a caption, {done.uncaptioned} without), {done.skipped} skipped,"
        f" {done.conflicts} conflicts, {len(account.refused)} refused"
    ]
    if done.replaced is not None:
        lines[0] += f"; the images that were replaced are in {done.replaced}"
    for table in account.tables:
        lines.append(f"{table.name}: {table.captions} captions{f'; {table.reason}' if table.reason else ''}")
    lines += [f"{name}: {words}" for name, words in account.notes]
    if account.ignored:
        lines.append(f"not read: {account.ignored_words()}")
    return "\n".join(lines)


def _import_from(source: str, target: ImportTarget, choices: ImportChoices, progress: Progress) -> ImportOutcome:
    if not source.startswith(SCHEME):
        return import_into(Path(source), target, choices, progress=progress)
    return import_from_hub(parse_address(source), target, Hub(settings().hf_token), choices, progress)
