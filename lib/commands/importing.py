"""`import`: another program's dataset, taken into a folder."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from lib.commands.command import DryRun, Folder, command
from lib.commands.folders import OWNER, open_home
from lib.commands.keys import key_named
from lib.commands.result import Failure, Result
from lib.commands.screen import Screen
from lib.dataset.workspace.hidden import hidden_folder
from lib.errors import InvalidInput
from lib.hub import Hub
from lib.importing.account import ImportAccount
from lib.importing.base import ConflictRule, ImportChoices, ImportTarget
from lib.importing.captions import choice_of
from lib.importing.hub import SCHEME, import_from_hub, parse_address, plan_download
from lib.importing.import_into import ImportOutcome, import_into
from lib.importing.look import TableLook, look_into
from lib.importing.reading_choice import reading_of
from lib.progress import Progress
from lib.settings import settings
from lib.tables.opening import is_table


@command("import")
def import_(
    source: Annotated[
        str,
        typer.Argument(
            help="A file or folder of any known kind, or hf://owner/name[@revision][/subfolder].",
            metavar="SRC",
            show_default=False,
        ),
    ],
    folder: Folder,
    screen: Screen,
    existing: Annotated[ConflictRule, typer.Option(help="What to do with what is there already.")] = "skip",
    caption: Annotated[
        Literal["1", "2", "3", "4", "5", "first", "longest", "caption-file", "txt", "all"],
        typer.Option(help="Which one, where an image has several; all of them become lines of one."),
    ] = "all",
    image_column: Annotated[str, typer.Option(help="The column of a table that names the images.")] = "",
    caption_column: Annotated[str, typer.Option(help="The column of a table that holds the captions.")] = "",
    delimiter: Annotated[str, typer.Option(help="What stands between the columns of a table; “tab” for a tab.")] = "",
    encoding: Annotated[str, typer.Option(help="The encoding of tables, and of names in zips that tell none.")] = "",
    dry_run: DryRun = False,
) -> Result:
    """Take images and captions into a folder, as one operation that `undo` takes back.

    The status is 1 where anything was refused, or a file that may hold captions was not understood.
    """
    reading = reading_of(image_column, caption_column, delimiter, encoding)
    choices = ImportChoices(existing, choice_of(caption), reading)
    open_home()
    if is_table(folder):
        raise InvalidInput(
            f"“{folder}” is a table, which takes no images.",
            "Nothing was taken in. Give a folder of images, or a new one.",
        )
    # Whole: files are moved between it and hidden folders, which compares their paths.
    target = ImportTarget(folder.absolute(), settings(), OWNER, is_made=not folder.exists())
    if dry_run:
        return _looked(source, target, choices, screen)
    with screen.progress("Importing") as progress, key_named("HF_TOKEN"):
        done = _import_from(source, target, choices, progress)
    counts = {"added": done.added, "captioned": done.captioned, "uncaptioned": done.uncaptioned}
    counts |= {"skipped": done.skipped, "conflicts": done.conflicts, "refused": len(done.refused)}
    return Result(_sentence(done), counts, _faults(done.account), done.operation, _values(done))


def _looked(source: str, target: ImportTarget, choices: ImportChoices, screen: Screen) -> Result:
    """What an import would bring: nothing is taken in. What lies on the Hub is downloaded, looked at and let go."""
    hidden = hidden_folder(target.settings.workspace(OWNER))
    with screen.progress("Looking") as progress, key_named("HF_TOKEN"), hidden as folder:
        path = Path(source)
        if source.startswith(SCHEME):
            path = plan_download(parse_address(source), Hub(settings().hf_token)).fetch(folder, progress)
        found = look_into(path, target, choices, progress=progress)
    counts = {"images": found.images, "captioned": found.captioned, "several": found.several, "there": found.there}
    lines = [
        f"{found.images:,} images would come, {found.captioned:,} of them with a caption;"
        f" for {found.there:,} that are there already it has captions (--existing {choices.existing})"
    ]
    lines += [f"{table.name}: {_how(table)}" for table in found.tables]
    more = {"dry_run": True, "tables": [asdict(table) for table in found.tables]}
    return Result("\n".join(lines), counts, _faults(found.account), more=more)


def _how(table: TableLook) -> str:
    if table.label:
        return table.in_words
    return f"not understood; its columns: {', '.join(table.columns)}" if table.columns else "not understood"


def _faults(account: ImportAccount) -> tuple[Failure, ...]:
    return (*account.refused, *account.not_understood)


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
        f"{done.added:,} added ({done.captioned:,} with a caption, {done.uncaptioned:,} without),"
        f" {done.skipped:,} skipped, {done.conflicts:,} conflicts, {len(account.refused):,} refused"
    ]
    if done.replaced is not None:
        lines[0] += f"; the images that were replaced are in {done.replaced}"
    for table in account.tables:
        lines.append(f"{table.name}: {table.captions:,} captions{f'; {table.reason}' if table.reason else ''}")
    lines += [f"{name}: {words}" for name, words in account.notes]
    if account.ignored:
        lines.append(f"not read: {account.ignored_words()}")
    return "\n".join(lines)


def _import_from(source: str, target: ImportTarget, choices: ImportChoices, progress: Progress) -> ImportOutcome:
    if not source.startswith(SCHEME):
        return import_into(Path(source), target, choices, progress=progress)
    return import_from_hub(parse_address(source), target, Hub(settings().hf_token), choices, progress)
