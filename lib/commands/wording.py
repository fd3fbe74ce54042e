"""Keys in the words of a terminal: there is no field to paste one into."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lib.errors import KeyMissing, KeyRejected, ToolkitError


def key_hint(name: str) -> str:
    """How the key of that variable is given."""
    return (
        f"Set {name} in the environment, or in the file .env of the toolkit's folder;"
        " “captioner config” shows what holds."
    )


def with_key_hint(error: ToolkitError, name: str) -> ToolkitError:
    """The same failure; where a key is missing or refused, its hint names the variable."""
    if isinstance(error, KeyMissing | KeyRejected) and name:
        error.hint = key_hint(name)
    return error


@contextmanager
def key_named(name: str) -> Iterator[None]:
    """Inside, a key that is missing or refused is told with the variable that holds it."""
    try:
        yield
    except (KeyMissing, KeyRejected) as error:
        raise with_key_hint(error, name) from None
