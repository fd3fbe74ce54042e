"""Where a table goes that a command writes beside its result: looked at before hours of work, not behind them."""

from __future__ import annotations

from pathlib import Path

from lib.commands.screen import Screen
from lib.errors import InvalidInput


def check_out(out: str, screen: Screen) -> None:
    """`out`: a CSV file, "-" for stdout, "" for none. Raises InvalidInput where it cannot go there."""
    if out == "-" and screen.as_json:
        raise InvalidInput("stdout cannot hold both the table and the JSON.", "Give a file with --out.")
    if out in ("", "-"):
        return
    if not Path(out).parent.is_dir():
        raise InvalidInput(
            f"{Path(out).parent} is not a folder.", "Give the path of a CSV file in a folder that is there."
        )
    if Path(out).is_dir():
        raise InvalidInput(f"{out} is a folder.", "Give the path of a CSV file.")
