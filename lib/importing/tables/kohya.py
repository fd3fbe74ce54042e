"""kohya's metadata: `{key: {"caption", "tags"}}`. A caption comes before tags, joined as sd-scripts join them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lib.importing.tables.base import Table
from lib.importing.tables.json_stream import entries
from lib.importing.tables.results import Faults, NotUnderstood, Row, TableFound
from lib.importing.tables.table_file import TableFile
from lib.importing.tables.values import texts_of
from lib.text import join_tags

_COLUMNS = ("caption", "tags")


class KohyaTable(Table):
    label = "kohya metadata"
    endings = (".json",)

    def understand(self, file: TableFile) -> TableFound | NotUnderstood | None:
        """An image's key has its ending or lacks it."""
        if file.outline.shape != "{":
            return None
        values = list(file.outline.sections.values())
        fitting = [value for value in values if isinstance(value, dict) and any(name in value for name in _COLUMNS)]
        known = [key for key in file.outline.sections if file.find(key)]
        if not fitting or not (known or len(fitting) * 2 >= len(values)):
            return None
        chosen = file.reading.caption_column
        if chosen is not None and chosen not in (*_COLUMNS, ", ".join(_COLUMNS)):
            return NotUnderstood(f"it has no column “{chosen}”; its columns: {', '.join(_COLUMNS)}", _COLUMNS)
        columns = (chosen,) if chosen in _COLUMNS else _COLUMNS
        return TableFound(
            self.label,
            lambda faults: _rows(file, columns, faults),
            _COLUMNS,
            caption_column=", ".join(columns),
            encoding=file.encoding,
        )


def _rows(file: TableFile, columns: tuple[str, ...], faults: Faults) -> Iterator[Row]:
    for key, entry in entries(file.pieces()):
        found = _texts(entry, columns)
        if found is None:
            faults.add(f"“{str(key)[:60]}”", "it has no caption and tags that are texts")
        elif found:
            yield Row(file.key_of(str(key)), found)


def _texts(entry: Any, columns: tuple[str, ...]) -> tuple[str, ...] | None:
    """One text of both; several captions stay several. None where they are no texts."""
    if not isinstance(entry, dict):
        return None
    captions, tags = (texts_of(entry.get(name) if name in columns else None, name) for name in _COLUMNS)
    if captions is None or tags is None:
        return None
    if len(captions) == len(tags) == 1:
        return (join_tags(*captions, *tags),)
    return captions + tags
