"""The program: its commands by name, each module imported when its command is asked for."""

from __future__ import annotations

import importlib
import io
import logging
import os
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from lib.commands.command import REGISTERED
from lib.commands.version import Version

COMMANDS = {
    "scan": "lib.commands.scanning",
    "filter": "lib.commands.explore",
    "words": "lib.commands.explore",
    "history": "lib.commands.history",
    "review": "lib.commands.reviewing",
    "find": "lib.commands.finding",
    "caption": "lib.commands.caption",
    "affix": "lib.commands.bulk",
    "replace": "lib.commands.bulk",
    "tags": "lib.commands.tags",
    "blanks": "lib.commands.bulk",
    "set": "lib.commands.set_caption",
    "mark": "lib.commands.marking",
    "fix": "lib.commands.fixing",
    "import": "lib.commands.importing",
    "undo": "lib.commands.undo_redo",
    "redo": "lib.commands.undo_redo",
    "embed": "lib.commands.clusters",
    "cluster": "lib.commands.clusters",
    "export": "lib.commands.exporting",
    "push": "lib.commands.pushing",
    "verify": "lib.commands.exporting",
    "run": "lib.commands.running",
    "compact": "lib.commands.compacting",
    "models": "lib.commands.models",
    "jobs": "lib.commands.jobs",
    "config": "lib.commands.config",
}
"""Where each command is, in the order in which they are listed: what reads, what changes, what goes out, the rest."""

_BYTES = "surrogateescape"

_SENTENCE = 300

HELP = {"help_option_names": ["-h", "--help"]}


class _OnDemand(TyperGroup):
    """A group that imports a command's module when it is asked for: a scan need not wait for what captions need."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return made(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Whole sentences: what a line is too short for goes on in the next one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, made(name).get_short_help_str(_SENTENCE)) for name in COMMANDS])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], COMMANDS)
            meant = f" Did you mean {' or '.join(near)}?" if near else ""
            ctx.fail(f"There is no command “{args[0]}”.{meant}")
        return super().resolve_command(ctx, args)


def made(name: str) -> Any:
    """A command as typer makes it, alone."""
    importlib.import_module(COMMANDS[name])
    known = REGISTERED[name]
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    context = HELP | known.settings.get("context_settings", {})
    alone.command(name, **known.settings | {"context_settings": context})(known.function)
    command = typer.main.get_command(alone)
    for option in command.params:
        _tells_what_it_takes(option)
    return command


def _tells_what_it_takes(option: Any) -> None:
    """A required option that is left out is asked for with its help text, which names the choices there are."""
    if option.required and option.param_type_name == "option" and option.help:
        option.get_missing_message = lambda ctx: option.help


# Help texts hold brackets, which rich would take for its markup; in a pipe it would wrap errors, too.
app = typer.Typer(
    cls=_OnDemand, rich_markup_mode=None, no_args_is_help=True, context_settings=HELP, pretty_exceptions_enable=False
)


@app.callback()
def captioner(version: Version = False) -> None:
    """Caption, inspect and edit a folder of images."""


def _without_keys(record: logging.LogRecord) -> bool:
    # Imported at the first line that is logged: the package is that of everything that speaks to a network.
    from lib.providers.http import RedactKeys

    return RedactKeys().filter(record)


def program_name() -> str:
    """What the usage lines call the program: as it was started."""
    return "python -m lib" if Path(sys.argv[0]).name in ("__main__.py", "python -m lib") else "captioner"


def run() -> None:
    """Run the program. Ends by SystemExit."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    for place in (logging.getLogger(), *logging.getLogger().handlers):
        place.addFilter(_without_keys)
    # A name that the terminal's encoding does not have must not end a command; what comes in may be no text at all.
    for stream, errors in ((sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace"), (sys.stdin, _BYTES)):
        # A stream that was closed before the start is None.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)
    with Path(os.devnull).open("w") as nowhere:
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
        app(prog_name=program_name())
