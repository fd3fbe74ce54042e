"""`set`: the caption of one image."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from lib.bulk import Change
from lib.commands.changing import change_captions
from lib.commands.command import DryRun, command
from lib.commands.folders import open_folder
from lib.commands.result import Result
from lib.commands.screen import Screen
from lib.dataset.saving.open_journal import journal_path
from lib.errors import InvalidInput, SharedStem, SidecarUndecodable
from lib.settings import settings
from lib.tables.opening import is_table


@command("set")
def set_caption(
    image: Annotated[Path, typer.Argument(help="The image.", metavar="IMAGE", show_default=False)],
    text: Annotated[str, typer.Argument(help="Its caption (-: what comes on stdin).", metavar="TEXT")],
    screen: Screen,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--in",
            help="The folder in whose history it stands; else the nearest above that has one, or the image's own.",
            metavar="DIR",
            show_default=False,
        ),
    ] = None,
    dry_run: DryRun = False,
) -> Result:
    """Write the caption of one image, as one operation. Of a table's row IMAGE is TABLE/NAME."""
    table = _table_of(image, folder)
    if table is None and not image.is_file():
        raise InvalidInput(f"There is no image “{image}”.", "Nothing was changed.")
    # The folder alone is resolved: an image may be a link to one elsewhere.
    path = image.parent.resolve() / image.name
    dataset, store = open_folder(table or folder or _folder_with_history(path), screen)
    name = path.relative_to(dataset.root).as_posix() if path.is_relative_to(dataset.root) else ""
    if table is not None and dataset.get(image.as_posix()) is not None:
        name = image.as_posix()
    record = dataset.get(name)
    if record is None:
        raise InvalidInput(f"“{image}” is no image of {dataset.root}.", "Nothing was changed.")
    said = sys.stdin.read() if text == "-" and sys.stdin is not None else text
    wanted = said.removesuffix("\n") if text == "-" else text
    try:
        before = store.read_editable(record).text
    except (SharedStem, SidecarUndecodable) as error:
        return Result(failed=[(name, str(error))], counts={"changed": 0})
    changes = [Change(name, before, wanted)] if before != wanted else []
    return change_captions(store, changes, "edit", {}, screen, dry_run=dry_run)


def _table_of(image: Path, folder: Path | None) -> Path | None:
    """The table whose row is meant, None where it is a file."""
    if folder is not None:
        return folder if is_table(folder) else None
    return None if image.is_file() else next((above for above in image.parents if is_table(above)), None)


def _folder_with_history(image: Path) -> Path:
    """Where an image's history most likely is: a folder that was opened before, or its own."""
    return next((folder for folder in image.parents if journal_path(folder, settings()).is_file()), image.parent)
