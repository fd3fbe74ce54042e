"""`config`: what is set, and where each of it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from lib.commands.command import command
from lib.commands.result import Result
from lib.commands.screen import Screen
from lib.providers.http import redact
from lib.settings import Settings, origin_of, settings, variable_of
from lib.settings_files import DOTENV, TOML, SettingsFiles

_MASK = "(set)"


@command()
def config(screen: Screen) -> Result:
    """Show the settings that hold, and where each comes from. Keys are not shown.

    The environment counts first, then the file .env in the toolkit's folder (TOOLKIT_HOME) or beside it, then
    captioner.toml in it, which has the names in small letters: picture_mb = 500.
    """
    held = settings()
    files = SettingsFiles(held.home).paths
    listed = []
    for field in Settings.model_fields:
        listed.append({"name": variable_of(field), "value": _shown(getattr(held, field)), "from": origin_of(field)})
    lines = [f"{one['name']:<28} {one['value']!s:<40} {one['from']}".rstrip() for one in listed]
    places = [held.home / DOTENV, held.home.parent / DOTENV, held.home / TOML]
    lines += ["", "Read: " + (", ".join(map(str, files)) or "no file"), "Looked for: " + ", ".join(map(str, places))]
    more = {"settings": listed, "files": [str(path) for path in files]}
    return Result("\n".join(lines), {"settings": len(listed), "files": len(files)}, more=more)


def _shown(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return _MASK if value.get_secret_value() else ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    # An address may hold a login.
    return redact(str(value)) if isinstance(value, Path | str) else "" if value is None else value
