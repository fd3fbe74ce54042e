"""COCO: `images` with names, `annotations` with any number of captions an image. (cocodataset.org, format-data.)"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from lib.importing.tables.base import Table
from lib.importing.tables.json_stream import parts
from lib.importing.tables.results import Faults, NotUnderstood, Row, TableFound
from lib.importing.tables.table_file import TableFile

_LOOKED_AT = 1_000
_NO_CAPTIONS = "it holds objects and their places, no captions"


class CocoTable(Table):
    label = "COCO captions"
    endings = (".json",)

    def understand(self, file: TableFile) -> TableFound | NotUnderstood | None:
        sections = file.outline.sections
        images, notes = sections.get("images"), sections.get("annotations", [])
        if not isinstance(images, list if "annotations" not in sections else (list, type(None))):
            return None
        if not (_has(images or [], ("id",)) and _has(notes if isinstance(notes, list) else [None], ("image_id",))):
            return None
        if any(isinstance(image, dict) and "sentences" in image for image in images or []):
            return None
        first = list(islice(_notes(file), _LOOKED_AT))
        if not first and "annotations" not in sections:
            return None
        if first and not any(isinstance(note, dict) and "caption" in note for note in first):
            return TableFound(self.label, _nothing, encoding=file.encoding, note=_NO_CAPTIONS)
        return TableFound(self.label, lambda faults: _rows(file, faults), encoding=file.encoding)


def _has(entries: list[Any], keys: tuple[str, ...]) -> bool:
    """Whether nearly all entries are objects with such keys: one that is broken makes no other table of it."""
    fitting = sum(isinstance(entry, dict) and all(key in entry for key in keys) for entry in entries)
    return fitting * 2 >= len(entries)


def _nothing(faults: Faults) -> Iterator[Row]:
    return iter(())


def _notes(file: TableFile) -> Iterator[Any]:
    return (value for section, _, value in parts(file.pieces()) if section == "annotations")


def _rows(file: TableFile, faults: Faults) -> Iterator[Row]:
    """The captions in one pass, as the standard has them; in two where the images come behind."""
    names: dict[str, str] = {}
    keys: dict[str, str] = {}
    is_read = False
    for section, place, value in parts(file.pieces()):
        if section == "images":
            is_read = True
            _name(names, place, value, faults)
        elif section == "annotations":
            if not is_read:
                is_read = True
                for inner, number, image in parts(file.pieces()):
                    if inner == "images":
                        _name(names, number, image, Faults())
            if row := _row(file, names, keys, place, value, faults):
                yield row


def _name(names: dict[str, str], place: Any, image: Any, faults: Faults) -> None:
    name = next((image[key] for key in ("file_name", "filename") if key in image), None) if _is(image, "id") else None
    if isinstance(name, str):
        names[str(image["id"])] = name
    else:
        faults.add(_where("image", place), "it has no id and file_name")


def _row(
    file: TableFile, names: dict[str, str], keys: dict[str, str], place: Any, note: Any, faults: Faults
) -> Row | None:
    if not (_is(note, "image_id") and isinstance(note.get("caption"), str)):
        faults.add(_where("annotation", place), "it has no image_id and caption")
        return None
    id = str(note["image_id"])
    if id not in names:
        faults.add(_where("annotation", place), f"no image in it has the id {id[:60]}")
        return None
    if id not in keys:
        keys[id] = file.key_of(names[id])
    return Row(keys[id], (note["caption"],)) if note["caption"].strip() else None


def _is(value: Any, key: str) -> bool:
    return isinstance(value, dict) and isinstance(value.get(key), str | int)


def _where(what: str, place: Any) -> str:
    return f"{what} {place + 1:,}" if isinstance(place, int) else f"{what} {place}"
