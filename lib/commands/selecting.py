"""Which images a command is about, said the same way everywhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

import typer

from lib.commands.result import Failure
from lib.commands.screen import Screen
from lib.dataset.base import Dataset
from lib.domain import ImageRecord
from lib.errors import InvalidInput
from lib.scope import Scope, Tagged, look_in

_NOT_THERE = "It is not in the folder."


@dataclass(frozen=True, slots=True)
class Selector:
    """The options --only, --tagged, --untagged, --folder, --from and --limit of one command."""

    only: Annotated[
        str,
        typer.Option(
            "--only", help="Only captions that this query is true of: “cat, dog”, “cat AND NOT dog”, “rating:>=4”."
        ),
    ] = ""
    tagged: Annotated[bool, typer.Option("--tagged", help="Only images that have a caption.")] = False
    untagged: Annotated[bool, typer.Option("--untagged", help="Only images that have none.")] = False
    within: Annotated[
        str, typer.Option("--folder", help="Only what lies in this folder of DIR, and below it.", metavar="NAME")
    ] = ""
    names: Annotated[
        str,
        typer.Option("--from", help="Only the images that this file names, one a line (-: stdin).", metavar="FILE"),
    ] = ""
    limit: Annotated[int, typer.Option("--limit", min=0, help="No more images than this (0: all).")] = 0

    @property
    def arguments(self) -> dict[str, Any]:
        """What narrows the folder, for the history."""
        known = {"only": "only", "tagged": "tagged", "untagged": "untagged", "within": "folder", "names": "from"}
        known["limit"] = "limit"
        return {told: value for name, told in known.items() if (value := getattr(self, name))}

    def without_limit(self) -> Selector:
        return replace(self, limit=0)

    def select(self, dataset: Dataset, screen: Screen) -> Meant:
        """The images that are meant, in the folder's order; of those that are left out it tells how many.

        Raises InvalidInput for what cannot be read.
        """
        tagged: Tagged = "" if self.tagged == self.untagged else "tagged" if self.tagged else "untagged"
        names, missing = self._named(dataset)
        scope = Scope(tagged, self.only, names=names, folder=self._folder(dataset))
        found = look_in(scope, dataset)
        screen.tell_left_out(len(found.left_out))
        records = found.records[: self.limit] if self.limit else found.records
        return Meant(records, missing, tuple(record.name for record in found.left_out))

    def _folder(self, dataset: Dataset) -> str:
        if not self.within:
            return ""
        folder = PurePosixPath(Path(self.within).as_posix()).as_posix().strip("/")
        if folder in ("", "."):
            return ""
        if not (dataset.root / folder).is_dir():
            raise InvalidInput(f"There is no folder “{self.within}” in {dataset.root}.", "Nothing was done.")
        return folder

    def _named(self, dataset: Dataset) -> tuple[frozenset[str] | None, tuple[Failure, ...]]:
        if not self.names:
            return None, ()
        found: set[str] = set()
        missing: list[Failure] = []
        for line in _lines(self.names):
            name = name_of(line, dataset)
            if name is None:
                missing.append((line, _NOT_THERE))
            else:
                found.add(name)
        return frozenset(found), tuple(missing)


@dataclass(frozen=True, slots=True)
class Meant:
    """The images that are meant, the names that --from gave of images that are not there, and what is left out."""

    records: Sequence[ImageRecord]
    missing: tuple[Failure, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def files(self) -> Sequence[ImageRecord]:
        """One record for each tag file, since images that share one share their caption."""
        return list({record.sidecar: record for record in reversed(self.records)}.values())[::-1]


def _lines(source: str) -> Iterable[str]:
    if source == "-":
        text = sys.stdin.read() if sys.stdin is not None else ""
    else:
        try:
            text = Path(source).read_text(encoding="utf-8", errors="surrogateescape")
        except OSError as exc:
            reason = exc.strerror or "it cannot be read"
            raise InvalidInput(f"The names in “{source}” cannot be read: {reason}.", "Nothing was done.") from exc
    lines = (line.removesuffix("\r") for line in text.split("\n"))
    return dict.fromkeys(line for line in lines if line.strip())


def name_of(line: str, dataset: Dataset) -> str | None:
    """The image that a line means: a name in the folder, or a path to it as `find` writes one."""
    for candidate in (line, PurePosixPath(line).as_posix()):
        if dataset.get(candidate) is not None:
            return candidate
    try:
        path = Path(line)
        # The folder alone is resolved: an image may be a link.
        inside = (path.parent.resolve() / path.name).relative_to(dataset.root).as_posix()
    except (OSError, ValueError):
        return None
    return inside if dataset.get(inside) is not None else None
