"""Karpathy's splits of Flickr8k, Flickr30k and COCO: `images` with `sentences` of a `raw` text each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lib.importing.tables.base import Table
from lib.importing.tables.json_stream import parts
from lib.importing.tables.results import Faults, NotUnderstood, Row, TableFound
from lib.importing.tables.table_file import TableFile
from lib.importing.tables.values import texts_of


class KarpathyTable(Table):
    label = "Karpathy's dataset JSON"
    endings = (".json",)

    def understand(self, file: TableFile) -> TableFound | NotUnderstood | None:
        images = file.outline.sections.get("images")
        if not isinstance(images, list) or not any(
            isinstance(image, dict) and "sentences" in image for image in images
        ):
            return None
        return TableFound(self.label, lambda faults: _rows(file, faults), encoding=file.encoding)


def _rows(file: TableFile, faults: Faults) -> Iterator[Row]:
    for section, place, image in parts(file.pieces()):
        if section == "images":
            where = f"image {int(place or 0) + 1:,}"
            texts = texts_of(image.get("sentences")) if isinstance(image, dict) else None
            key = _key(file, image) if isinstance(image, dict) else ""
            if not texts or not key:
                faults.add(where, "it has no filename and sentences")
            else:
                yield Row(key, texts)


def _key(file: TableFile, image: dict[str, Any]) -> str:
    """The name, below its folder where there is one of that name here."""
    name, folder = image.get("filename"), image.get("filepath")
    if not isinstance(name, str):
        return ""
    whole = f"{folder}/{name}" if isinstance(folder, str) and folder else name
    return whole if file.names.find(whole, file.folder) else file.key_of(name)
