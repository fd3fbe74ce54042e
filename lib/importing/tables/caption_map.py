"""Captions by the names of their images: `{name: caption}`, `{name: [captions]}`, diffusion-pipe's `captions.json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lib.importing.tables.base import Table
from lib.importing.tables.image_keys import is_picture
from lib.importing.tables.json_stream import entries, parts
from lib.importing.tables.results import Faults, NotUnderstood, Row, TableFound
from lib.importing.tables.table_file import TableFile
from lib.importing.tables.values import texts_of


class CaptionMap(Table):
    label = "captions by image name, diffusion-pipe captions.json"
    endings = (".json",)

    def understand(self, file: TableFile) -> TableFound | NotUnderstood | None:
        """By its keys: most name images, here or by their ending, in the object itself or in one below it."""
        sections = file.outline.sections
        if _is_map(file, sections):
            return TableFound(
                self.label, lambda faults: _rows(file, entries(file.pieces()), faults), encoding=file.encoding
            )
        if section := next((key for key, value in sections.items() if _is_map(file, value)), None):
            return TableFound(
                self.label, lambda faults: _rows(file, _below(file, section), faults), encoding=file.encoding
            )
        return None


def _is_map(file: TableFile, value: Any) -> bool:
    if not isinstance(value, dict) or not value:
        return False
    keys = [key for key in value if is_picture(key) or file.find(key)]
    return len(keys) * 2 > len(value) and any(texts_of(value[key]) for key in keys)


def _below(file: TableFile, section: str) -> Iterator[tuple[str | int, Any]]:
    return ((place, value) for key, place, value in parts(file.pieces()) if key == section and place is not None)


def _rows(file: TableFile, found: Iterator[tuple[str | int, Any]], faults: Faults) -> Iterator[Row]:
    for key, value in found:
        texts = texts_of(value)
        if texts is None:
            faults.add(f"“{str(key)[:60]}”", "what it has is no text")
        elif texts:
            yield Row(file.key_of(str(key)), texts)
