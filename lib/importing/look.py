"""A look at a source before it is imported: what was found, how its tables are read, how images will come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lib.archives import Limits
from lib.dataset.scan.scanner import OpeningOptions, open_dataset
from lib.dataset.workspace.hidden import hidden_folder
from lib.files import write_errors
from lib.importing.account import ImportAccount
from lib.importing.base import ImportChoices, ImportTarget
from lib.importing.captions import Said
from lib.importing.reading import read_source
from lib.importing.settle import HandedOut
from lib.importing.stage import Listing, Stage
from lib.importing.tables.results import TableFound
from lib.progress import NOBODY, Progress

_ROWS = 5


@dataclass(frozen=True, slots=True)
class TableLook:
    """How one table is read: `label` says what it was taken for, "" where it was not understood."""

    name: str
    label: str
    columns: tuple[str, ...]
    image_column: str = ""
    caption_column: str = ""
    delimiter: str = ""
    encoding: str = ""

    @property
    def in_words(self) -> str:
        """What it was taken for, and which of its columns are read."""
        columns = f", image in “{self.image_column}”, caption in “{self.caption_column}”" if self.caption_column else ""
        return f"read as {self.label}{columns}"


@dataclass(frozen=True, slots=True)
class Look:
    """What an import would bring. `captioned` images have a caption, `several` more than one, `there` is already here.

    `rows` are the first few images, each with its captions, before one of several is chosen.
    """

    images: int
    captioned: int
    several: int
    there: int
    rows: tuple[tuple[str, tuple[Said, ...]], ...]
    tables: tuple[TableLook, ...]
    account: ImportAccount

    @property
    def needs_choice(self) -> bool:
        """Whether a table was not understood, of which a person could say how it is read."""
        return any(not table.label and table.columns for table in self.tables)


def look_into(
    source: Path,
    target: ImportTarget,
    choices: ImportChoices = ImportChoices(),
    *,
    limits: Limits | None = None,
    progress: Progress = NOBODY,
) -> Look:
    """Reads what an import would read but for the images themselves. Nothing is written where the target is.

    `progress` hears of the images found so far. Raises InvalidInput where there is nothing to import, WriteFailed,
    Cancelled.
    """
    refused = write_errors("The look into it stopped", "Nothing was imported.")
    with refused, hidden_folder(target.settings.workspace(target.owner)) as hidden:
        stage = Listing(hidden, progress)

        def names_there() -> list[str]:
            if not target.folder.is_dir():
                return []
            return [record.name for record in open_dataset(target.folder, OpeningOptions(suffix=target.suffix)).records]

        return what_was_found(stage, read_source(source, target, stage, choices.reading, names_there, limits))


def what_was_found(stage: Stage, handed_out: HandedOut) -> Look:
    """The look at what a stage holds."""
    said = [image.texts for image in stage.images.values()]
    return Look(
        images=len(said),
        captioned=sum(map(bool, said)),
        several=sum(len({each.text for each in texts}) > 1 for texts in (*said, *handed_out.there.values())),
        there=len(handed_out.there),
        rows=_first({image.name: image.texts for image in stage.images.values()}, handed_out.there),
        tables=tuple(
            TableLook(
                table.name, table.found.label, table.found.columns, table.found.image_column or "",
                table.found.caption_column or "", table.found.delimiter or "", table.found.encoding or "",
            )
            if isinstance(table.found, TableFound)
            else TableLook(table.name, "", table.found.columns)
            for table in handed_out.tables
        ),
        account=stage.account,
    )  # fmt: skip


def _first(*sources: Mapping[str, Sequence[Said]]) -> tuple[tuple[str, tuple[Said, ...]], ...]:
    """The first few, those with a caption before the others."""
    rows = [(name, tuple(texts)) for source in sources for name, texts in source.items()]
    return tuple(sorted(rows, key=lambda row: not row[1])[:_ROWS])
