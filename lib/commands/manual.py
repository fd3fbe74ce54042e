"""docs/cli.md: how the common jobs are done, then the help text of every command. `make docs` writes it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import typer

from lib.commands.application import HELP
from lib.commands.everything import all_commands
from lib.commands.guide import GUIDE
from lib.settings import Settings, variable_of

WIDTH = 100


def manual() -> str:
    """The whole document."""
    return "\n".join(_parts())


def _parts() -> Iterator[str]:
    yield GUIDE.strip()
    yield "\n## Settings\n"
    yield (
        "Read from the environment first, then from the file `.env` in the toolkit's folder (`TOOLKIT_HOME`) or beside"
        " it, then from\n`captioner.toml` in it, which has the names in small letters (`picture_mb = 500`). The working"
        " folder is not looked into: a\ndataset that was downloaded must not say where keys are sent. `captioner"
        " config` shows what holds, and from where.\n"
        "`.streamlit/secrets.toml.example` explains each.\n"
    )
    yield "```text"
    yield from (variable_of(field) for field in Settings.model_fields)
    yield "```"
    yield "\n## Commands\n"
    for name, made in all_commands().items():
        yield f"### captioner {name}\n"
        yield "```text"
        yield help_of(name, made)
        yield "```\n"


def help_of(name: str, made: Any) -> str:
    """The help text of a command, as wide as the document."""
    settings: dict[str, Any] = {"terminal_width": WIDTH, "max_content_width": WIDTH, **HELP}
    context = typer.Context(made, info_name=f"captioner {name}", **settings)
    return "\n".join(line.rstrip() for line in made.get_help(context).strip().splitlines())


if __name__ == "__main__":
    # Nothing of this machine stands in a document.
    os.environ.clear()
    sys.stdout.write(manual().rstrip() + "\n")
