"""What the commands use that have not been given the common form yet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from lib.commands import folders
from lib.commands.command import REGISTERED, Registered
from lib.commands.folders import OWNER
from lib.commands.screen import Screen, ScreenProgress
from lib.dataset.base import Dataset
from lib.dataset.saving.store import Store
from lib.domain import ImageRecord
from lib.errors import InvalidInput, ToolkitError
from lib.scope import Scope, select_in

__all__ = ["OWNER"]
from lib.commands.command import Folder as Folder

Only = Annotated[
    str, typer.Option("--only", help="Only captions that this query is true of: “cat, dog”, “cat AND NOT dog”.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


class _Former:
    def command(self, name: str = "", **settings: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
        def register(function: Callable[..., None]) -> Callable[..., None]:
            import functools

            @functools.wraps(function)
            def wrapper(**values: Any) -> None:
                try:
                    function(**values)
                except InvalidInput as error:
                    typer.echo(str(error), err=True)
                    raise typer.Exit(2) from None
                except ToolkitError as error:
                    typer.echo(str(error), err=True)
                    raise typer.Exit(1) from None

            REGISTERED[name or function.__name__] = Registered(wrapper, settings)
            return function

        return register


app = _Former()


def open_folder(folder: Path) -> tuple[Dataset, Store]:
    """As `folders.open_folder`."""
    return folders.open_folder(folder, Screen())


def records_of(dataset: Dataset, only: str) -> list[ImageRecord]:
    """The images that a query is true of."""
    return select_in(Scope(query=only), dataset)


class _Bar:
    def __init__(self, title: str) -> None:
        self.title = title
        self.console = self

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def add_task(self, title: str, total: int | None = None) -> int:
        return 0

    def advance(self, task: int) -> None:
        return None

    def print(self, text: str, **_: Any) -> None:
        typer.echo(text, err=True)


def progress(title: str, *, hidden: bool) -> _Bar:
    """Nothing is drawn."""
    return _Bar(title)


def OnBar(bar: _Bar, title: str) -> ScreenProgress:
    """Nothing is drawn."""
    return ScreenProgress(Screen(quiet=True), title)


def report(values: dict[str, Any] | list[Any], as_json: bool, sentence: str) -> None:
    """One JSON value, or a sentence for people."""
    typer.echo(json.dumps(values) if as_json else sentence)
