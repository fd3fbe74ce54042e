"""`--version`, on the program and on each command."""

from __future__ import annotations

from typing import Annotated

import typer


def version() -> str:
    """The version of the toolkit, as it is installed or as its pyproject.toml says."""
    from importlib import metadata

    try:
        return metadata.version("captioning-toolkit")
    except metadata.PackageNotFoundError:
        import tomllib
        from pathlib import Path

        with Path(__file__).parents[2].joinpath("pyproject.toml").open("rb") as file:
            return str(tomllib.load(file)["project"]["version"])


def _tell(wanted: bool) -> None:
    if wanted:
        typer.echo(f"captioner {version()}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_tell, is_eager=True, help="Tell the version, and do nothing else.")
]
