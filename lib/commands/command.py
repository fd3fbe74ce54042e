"""How a function becomes a command: the switches that all have, the selectors that many have, and one way to end."""

from __future__ import annotations

import functools
import inspect
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from lib.commands.interrupts import INTERRUPTS
from lib.commands.result import WRONG_USAGE, Result
from lib.commands.screen import Screen
from lib.commands.selecting import Selector
from lib.commands.version import Version
from lib.errors import Cancelled, InvalidInput, KeyMissing, ToolkitError

Folder = Annotated[Path, typer.Argument(help="The folder of images.", metavar="DIR", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell what would be done, and change nothing.")]

_log = logging.getLogger(__name__)

_SCREEN = {
    "as_json": Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")],
    "quiet": Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on stderr but what ends the command.")],
    "verbose": Annotated[bool, typer.Option("--verbose", "-v", help="Say more; in a pipe, how far it is.")],
}


@dataclass(frozen=True, slots=True)
class Registered:
    """A command as it is told to typer: its function with all options, and what else typer takes."""

    function: Callable[..., None]
    settings: dict[str, Any] = field(default_factory=dict)


REGISTERED: dict[str, Registered] = {}
"""The commands of the modules that were imported so far, by name."""


def command(name: str = "", **settings: Any) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Makes a command of a function that gives a Result.

    A parameter that is a `Screen` stands for --json, -q and -v, which every command has; one that is a `Selector` for
    --only and its like. `settings` are typer's own.
    """

    def register(function: Callable[..., Result]) -> Callable[..., Result]:
        called = name or function.__name__.rstrip("_")
        REGISTERED[called] = Registered(_with_options(function), settings)
        return function

    return register


def _with_options(function: Callable[..., Result]) -> Callable[..., None]:
    """The function as typer sees it: composed parameters are taken apart into their options."""
    hints = get_type_hints(function, include_extras=True)
    given = inspect.signature(function).parameters
    composed = {name: kind for name, kind in hints.items() if kind in (Screen, Selector)}
    parameters: dict[str, inspect.Parameter] = {}
    for name, parameter in given.items():
        if name not in composed:
            parameters[name] = parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY)
        elif hints[name] is Selector:
            options = {one.name: (one.type, one.default) for one in fields(Selector)}
            types = get_type_hints(Selector, include_extras=True)
            parameters |= {option: _option(option, types[option], value[1]) for option, value in options.items()}
    parameters |= {option: _option(option, kind, False) for option, kind in _SCREEN.items()}
    parameters["version"] = _option("version", Version, False)

    @functools.wraps(function)
    def wrapper(**values: Any) -> None:
        values.pop("version")
        screen = Screen(**{option: values.pop(option) for option in _SCREEN})
        for name, kind in composed.items():
            taken = {one.name: values.pop(one.name) for one in fields(Selector)} if kind is Selector else {}
            values[name] = Selector(**taken) if kind is Selector else screen
        end(screen, functools.partial(function, **values))

    wrapper.__signature__ = inspect.Signature(list(parameters.values()))  # type: ignore[attr-defined]
    wrapper.__annotations__ = {name: parameter.annotation for name, parameter in parameters.items()}
    return wrapper


def _option(name: str, kind: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def end(screen: Screen, work: Callable[[], Result]) -> None:
    """Does the work of a command and tells what it came to. Raises typer.Exit with the status."""
    start = time.perf_counter()
    screen.begin()
    INTERRUPTS.listen(lambda: _tell(screen, _BROKEN_OFF, start))
    try:
        result = work()
    except (InvalidInput, KeyMissing) as error:
        # Nothing was begun, so there is no result: the sentence alone, whoever listens.
        screen.say(str(error))
        raise typer.Exit(WRONG_USAGE) from None
    except Cancelled as error:
        result = Result(error=str(error), is_broken_off=True)
    except ToolkitError as error:
        result = Result(error=str(error))
    except OSError as error:
        # A folder that may not be looked into, for example: nothing that a traceback would help with.
        _log.info("refused by the system", exc_info=error)
        where = f": “{error.filename}”" if error.filename else ""
        result = Result(error=f"The system refused it ({error.strerror or error}){where}.")
    INTERRUPTS.is_over()
    _tell(screen, result, start)
    raise typer.Exit(result.status)


_BROKEN_OFF = Result(error="Broken off. Nothing was changed.", is_broken_off=True)


def _tell(screen: Screen, result: Result, start: float) -> None:
    if screen.left_out:
        # What a command leaves out for other reasons, too, it counts itself.
        result = replace(result, counts={"left_out": screen.left_out} | dict(result.counts))
    if screen.as_json:
        print(result.to_json(time.perf_counter() - start))  # noqa: T201
        return
    if not result.told:
        for image, reason in result.failed:
            screen.failure(image, reason)
    if result.sentence:
        print(result.sentence)  # noqa: T201
    sys.stdout.flush()
    if result.error:
        screen.say(result.error)
