"""`import`: another program's dataset, taken into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lib.commands.common import OWNER, Folder, Json, OnBar, app, progress, report
from lib.hub import Hub
from lib.importing.base import ConflictRule, ImportChoices, ImportTarget
from lib.importing.hub import SCHEME, import_from_hub, parse_address
from lib.importing.import_into import ImportOutcome, import_into
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
        Literal["1", "2", "3", "4", "5", "all"],
        typer.Option(help="Which one, where an image has several; all of them become lines of one."),
    ] = "all",
    as_json: Json = False,
) -> None:
    """Take images and captions into a folder, as one operation that `undo` takes back."""
    with progress("Importing", hidden=as_json) as bar:
        choices = ImportChoices(existing, None if caption == "all" else int(caption))
        target = ImportTarget(folder, settings(), OWNER, is_made=not folder.exists())
        done = _import_from(source, target, choices, OnBar(bar, "Importing"))
    refused = [{"name": name, "reason": reason} for name, reason in done.refused]
    values = {"added": done.added, "skipped": done.skipped, "conflicts": done.conflicts, "refused": refused}
    sentence = f"{done.added} added, {done.skipped} skipped, {done.conflicts} conflicts, {len(refused)} refused"
    if done.replaced is not None:
        sentence += f"; the images that were replaced are in {done.replaced}"
    report(values, as_json, sentence)
    for name, reason in done.refused:
        typer.echo(f"{name}: {reason}", err=True)
    if refused:
        raise typer.Exit(1)


def _import_from(source: str, target: ImportTarget, choices: ImportChoices, progress: Progress) -> ImportOutcome:
    if not source.startswith(SCHEME):
        return import_into(Path(source), target, choices, progress=progress)
    return import_from_hub(parse_address(source), target, Hub(settings().hf_token), choices, progress)
