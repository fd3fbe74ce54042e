"""What was edited in a table, handed to those who make parts of it: each part carries the edits of its own rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from lib.errors import PlaceFailed
from lib.parts.base import DataPart
from lib.parts.sources import Source
from lib.parts.sources.tables import TableSource
from lib.settings import settings
from lib.tables.opening import open_table
from lib.tables.overlay import Overlay, overlay_folder


@dataclass(frozen=True, slots=True)
class TableEdits:
    """The edits of a table as they stood at one moment: `rows` by file and place, `digest` "" where there are none."""

    digest: str = ""
    rows: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    def laid_over(self, parts: Iterator[tuple[DataPart, str]]) -> Iterator[tuple[DataPart, str]]:
        """The parts of the table's source, each with its edits."""
        for part, stamp in parts:
            found = self.rows.get(part.names[0], {}) if self.rows else {}
            yield (replace(part, edits=tuple(sorted(found.items()))) if found else part), stamp

    def with_listing(self, listing: str) -> str:
        """What stands for a listing together with the edits: another edit makes another one."""
        return hashlib.sha256(f"{listing}\n{self.digest}".encode()).hexdigest()[:32] if self.digest else listing


def edits_of(source: Source) -> TableEdits:
    """What was edited in a source up to now; nothing in one that is no table of this machine. Raises ToolkitError."""
    folder = source.place.folder
    if not isinstance(source, TableSource) or folder is None:
        return TableEdits()
    root = (folder / source.only if source.only else folder).resolve()
    overlay = Overlay(overlay_folder(root, settings().home))
    names = overlay.files() if overlay.folder.is_dir() else []
    if not names:
        return TableEdits()
    table = open_table(root, settings())
    try:
        texts = overlay.read(names)
    except FileNotFoundError as error:
        raise PlaceFailed(f"“{root}” was changed in this moment.", "Nothing was begun. Try again.") from error
    rows: dict[str, dict[int, str]] = {}
    for name, text in texts.items():
        if (row := table.index_of(name)) is not None:
            file, at = table.files.locate(row)
            rows.setdefault(source.only or file, {})[at] = text
    return TableEdits(hashlib.sha256("\n".join(names).encode()).hexdigest()[:32], rows)
