"""Keys in the words of a terminal: there is no field to paste one into, but any variable may be named."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from pydantic import SecretStr

from lib.errors import InvalidInput, KeyMissing, KeyRejected, ToolkitError

KeyEnv = Annotated[
    str, typer.Option("--key-env", help="The environment variable whose key is sent, to any address.", metavar="NAME")
]

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,60}")


def key_in(name: str) -> SecretStr | None:
    """The key in a variable that --key-env names, None where it names none. Raises InvalidInput."""
    if not name:
        return None
    key = os.environ.get(name, "").strip()
    if not key:
        what = "holds nothing" if name in os.environ else "is not set"
        # What was given may be the key itself, which nobody wants to see again.
        said = f"“{name}”" if _VARIABLE.fullmatch(name) else "What --key-env names"
        raise InvalidInput(f"{said} {what}.", "--key-env takes the name of an environment variable that holds a key.")
    return SecretStr(key)


def with_key_hint(error: ToolkitError, name: str) -> ToolkitError:
    """The same failure; where a key is missing or refused, its hint names the variable that holds it."""
    if isinstance(error, KeyMissing | KeyRejected) and name:
        error.hint = (
            f"Set {name} in the environment, or in the file .env of the toolkit's folder;"
            " “captioner config” shows what holds."
        )
    return error


@contextmanager
def key_named(name: str) -> Iterator[None]:
    """Inside, a key that is missing or refused is told with the variable that holds it."""
    try:
        yield
    except (KeyMissing, KeyRejected) as error:
        raise with_key_hint(error, name) from None
