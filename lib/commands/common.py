"""What all commands share: the application, the folder, the progress bar."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lib.dataset.base import Dataset
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import OpeningOptions, open_dataset
from lib.dataset.workspace.hidden import clear_killed, pictures_left
from lib.domain import ImageRecord
from lib.errors import InvalidInput
from lib.owners import LOCAL
from lib.private import close_home
from lib.scope import Scope, select_in
from lib.settings import settings

OWNER = LOCAL
"""Whoever runs the command line is the owner of this machine's toolkit data."""

Folder = Annotated[Path, typer.Argument(help="The folder of images.", metavar="DIR")]
Only = Annotated[
    str, typer.Option("--only", help="Only captions that this query is true of: “cat, dog”, “cat AND NOT dog”.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]

app = typer.Typer(add_completion=False, help="Caption, inspect and edit a folder of images.", no_args_is_help=True)


def open_folder(folder: Path) -> tuple[Dataset, Store]:
    """A folder's images and the way to their captions. Raises InvalidInput for what is no folder."""
    if not folder.is_dir():
        raise InvalidInput(f"{folder} is not a folder.", "Give the path of a folder of images.")
    close_home(settings().home)
    journal = journal_for(folder.resolve(), settings())
    if (left := pictures_left(clear_killed(folder))) is not None:
        typer.echo(str(left), err=True)
    dataset = open_dataset(folder, OpeningOptions(shared_allowed=journal.shared_allowed()))
    return dataset, Store(dataset.root, journal, OWNER, settings(), dataset)


def records_of(dataset: Dataset, only: str) -> list[ImageRecord]:
    """The images that a query is true of, all of them without one. Raises InvalidInput for one that is wrong."""
    return select_in(Scope(query=only), dataset)


def progress(title: str, *, hidden: bool) -> Progress:
    """A progress bar on stderr, where that is a terminal."""
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, disable=hidden or not console.is_terminal)


class OnBar:
    """A line of a progress bar looks on while work is done; nobody stops it there."""

    def __init__(self, bar: Progress, title: str) -> None:
        self._bar = bar
        self._task = bar.add_task(title, total=None)

    def advance(self, done: int, total: int) -> None:
        self._bar.update(self._task, completed=done, total=total or None)

    def is_cancelled(self) -> bool:
        return False


def report(values: dict[str, Any] | list[Any], as_json: bool, sentence: str) -> None:
    """One JSON value, or a sentence for people."""
    typer.echo(json.dumps(values) if as_json else sentence)
