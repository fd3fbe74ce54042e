"""A list of entries with columns, or an object that has one: `label.json`, `image` and `prompt`, LLaVA, FiftyOne."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lib.importing.tables.base import Table
from lib.importing.tables.columns import Record
from lib.importing.tables.conversations import conversation_of, is_conversation
from lib.importing.tables.json_stream import entries, parts
from lib.importing.tables.records import table_of_records
from lib.importing.tables.results import Faults, NotUnderstood, TableFound
from lib.importing.tables.table_file import TableFile


class JsonListTable(Table):
    label = "webdata.zip's label.json, other lists of images and captions (LLaVA, FiftyOne, Label Studio JSON-MIN)"
    endings = (".json",)

    def understand(self, file: TableFile) -> TableFound | NotUnderstood | None:
        if file.outline.shape == "[":
            return _table(file, self.label, file.outline.sample, None)
        answer: TableFound | NotUnderstood | None = None
        for section, value in file.outline.sections.items():
            if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
                found = _table(file, self.label, value, section)
                if isinstance(found, TableFound):
                    return found
                answer = answer or found
        return answer


def _table(file: TableFile, label: str, sample: list[Any], section: str | None) -> TableFound | NotUnderstood | None:
    def records(faults: Faults) -> Iterator[tuple[str, Record]]:
        for number, entry in _entries(file, section):
            if isinstance(entry, dict):
                yield f"entry {number:,}", _record(entry)
            else:
                faults.add(f"entry {number:,}", "it has no columns")

    return table_of_records(file, label, [_record(entry) for entry in sample if isinstance(entry, dict)], records)


def _entries(file: TableFile, section: str | None) -> Iterator[tuple[int, Any]]:
    if section is None:
        yield from enumerate((value for _, value in entries(file.pieces())), 1)
    else:
        yield from enumerate((value for key, place, value in parts(file.pieces()) if key == section), 1)


def _record(entry: dict[str, Any]) -> Record:
    return conversation_of(entry) if is_conversation(entry) else entry
