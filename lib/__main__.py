"""The same work without a browser: `python -m lib scan DIR`, `python -m lib caption DIR --model NAME`, and more.

Exit status: 0 all well, 1 some items failed, 2 wrong usage. With --json, stdout holds one JSON value and nothing else.
"""

from __future__ import annotations

import logging
import sys

import typer

from lib.commands import bulk, caption, clusters, explore, exporting, importing
from lib.commands.common import app
from lib.errors import InvalidInput, ToolkitError
from lib.providers.http import guard_logging

# Importing them is what adds their commands to the application.
__all__ = ["bulk", "caption", "clusters", "explore", "exporting", "importing"]


def main() -> None:
    """Run the command line; a failure of the toolkit's own kind is a sentence on stderr, never a traceback."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    guard_logging(logging.getLogger())
    try:
        app()
    except InvalidInput as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
    except ToolkitError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
