"""CVAT for images: XML with the attributes of the tags that each image has."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from xml.parsers import expat

from lib.importing.tables.base import Table
from lib.importing.tables.columns import Record
from lib.importing.tables.records import table_of_records
from lib.importing.tables.results import Faults, NotUnderstood, TableFound
from lib.importing.tables.table_file import TableFile

_PIECE = 1 << 18
_MAX_ELEMENT = 4_000_000
_SAMPLE = 200
_TAGS = "tags"


class CvatTable(Table):
    label = "CVAT images XML"
    endings = (".xml",)

    def understand(self, file: TableFile) -> TableFound | NotUnderstood | None:
        if b"<annotations" not in _head(file.path):
            return None

        def records(faults: Faults) -> Iterator[tuple[str, Record]]:
            for number, image in enumerate(_images(file.path), 1):
                yield f"image {number:,}", image

        return table_of_records(file, self.label, [image for _, image in islice(records(Faults()), _SAMPLE)], records)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096).replace(b"\0", b"")


class _Images:
    """Gathers what is said of each image. What is said of a box or an outline is about no image."""

    def __init__(self) -> None:
        self.done: list[dict[str, Any]] = []
        self.image: dict[str, Any] | None = None
        self.size = 0
        self._is_in_tag = False
        self._attribute: str | None = None
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._grow(sum(map(len, attributes.values())))
        if name == "image" and "name" in attributes:
            self.image, self.size = {"name": attributes["name"]}, 0
        elif name == "tag" and self.image is not None:
            self._is_in_tag = True
            self.image.setdefault(_TAGS, []).append(attributes.get("label", ""))
        elif name == "attribute" and self._is_in_tag:
            self._attribute, self._text = attributes.get("name", ""), []

    def text(self, data: str) -> None:
        self._grow(len(data))
        if self._attribute is not None:
            self._text.append(data)

    def end(self, name: str) -> None:
        if name == "attribute" and self._attribute is not None and self.image is not None:
            self.image.setdefault(self._attribute, []).append("".join(self._text))
            self._attribute = None
        elif name == "tag":
            self._is_in_tag = False
        elif name == "image" and self.image is not None:
            self.done.append(self.image)
            self.image = None

    def _grow(self, size: int) -> None:
        self.size += size + 100
        if self.image is not None and self.size > _MAX_ELEMENT:
            raise ValueError("an image of it has too much to it")


def _refuse(*_: object) -> None:
    # An entity may stand for another ten times over, and that one again.
    raise ValueError("it defines entities, which no table of captions needs")


def _images(path: Path) -> Iterator[dict[str, Any]]:
    """What is said of each image. Raises ValueError where it is broken, or an entity is defined in it."""
    found = _Images()
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = found.start, found.end
    parser.CharacterDataHandler = found.text
    parser.EntityDeclHandler = _refuse
    fed = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            fed += len(piece)
            try:
                parser.Parse(piece, False)
            except expat.ExpatError as exc:
                raise ValueError(str(exc)) from None
            if fed - parser.CurrentByteIndex > _MAX_ELEMENT:
                raise ValueError("an element of it is too large")
            yield from found.done
            found.done.clear()
    try:
        parser.Parse(b"", True)
    except expat.ExpatError as exc:
        raise ValueError(str(exc)) from None
