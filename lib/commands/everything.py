"""All commands at once, for the documents and the tests; the program itself imports the one that is asked for."""

from __future__ import annotations

import importlib
from typing import Any

from lib.commands.application import COMMANDS, made

for _module in COMMANDS.values():
    importlib.import_module(_module)


def all_commands() -> dict[str, Any]:
    """Each command as typer makes it, by name."""
    return {name: made(name) for name in COMMANDS}
