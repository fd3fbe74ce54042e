"""The files that settings are read from, beside the environment: `.env` and `captioner.toml`."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.errors import InvalidInput

if TYPE_CHECKING:
    from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

DOTENV = ".env"
TOML = "captioner.toml"
_NEVER = frozenset({"home", "toolkit_home"})
"""The folder that the files are in is not said by them."""


@dataclass(frozen=True, slots=True)
class SettingsFiles:
    """Those of one toolkit folder.

    The working folder is not looked into: a dataset that somebody has downloaded must not say where keys are sent. For
    the same reason a file of another account counts for nothing.
    """

    home: Path

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files that count, the first before the others."""
        places = (self.home / DOTENV, self.home.parent / DOTENV, self.home / TOML)
        return tuple(path for path in places if _is_ours(path))

    def sources(self, kind: type[BaseSettings]) -> tuple[PydanticBaseSettingsSource, ...]:
        """The files as settings take them, the first before the others. Raises InvalidInput."""
        return tuple(_source(kind, path) for path in self.paths)


def values_in(path: Path) -> Mapping[str, Any]:
    """What a file says, by name in small letters. Raises InvalidInput where it cannot be read."""
    try:
        if path.name == TOML:
            found: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        else:
            from dotenv import dotenv_values

            found = dotenv_values(path, interpolate=False, encoding="utf-8")
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else str(exc)
        raise InvalidInput(f"The settings in “{path}” cannot be read: {reason}.", "Nothing was done.") from None
    return {name.lower(): value for name, value in found.items() if name.lower() not in _NEVER}


def _is_ours(path: Path) -> bool:
    try:
        info = path.stat()
    except OSError:
        return False
    return not hasattr(os, "geteuid") or info.st_uid in (0, os.geteuid())


def _source(kind: type[BaseSettings], path: Path) -> PydanticBaseSettingsSource:
    from pydantic_settings import InitSettingsSource

    names = {field.lower(): field for field in kind.model_fields}
    for field, info in kind.model_fields.items():
        names[f"toolkit_{field}"] = field
        if info.validation_alias:
            names[str(info.validation_alias).lower()] = field
    known = {names[name]: value for name, value in values_in(path).items() if name in names and value not in ("", None)}
    return InitSettingsSource(kind, known)
