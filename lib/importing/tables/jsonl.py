"""JSON lines, an entry a line: imagefolder's `metadata.jsonl`, kohya's, and any with an image and a caption."""

from __future__ import annotations

import json
from collections.abc import Iterator

from lib.importing.tables.base import Table
from lib.importing.tables.columns import Record
from lib.importing.tables.conversations import conversation_of, is_conversation
from lib.importing.tables.records import table_of_records
from lib.importing.tables.results import Faults, NotUnderstood, TableFound
from lib.importing.tables.table_file import TableFile

_SAMPLE = 200
_SIGNS = 4_000_000


class JsonlTable(Table):
    label = "Hugging Face metadata.jsonl, JSON lines"
    endings = (".jsonl", ".ndjson", ".jsonlines", ".json")

    def understand(self, file: TableFile) -> TableFound | NotUnderstood | None:
        """A .json of one object a line is one, too."""
        if file.name.lower().endswith(".json") and file.outline.shape != "lines":
            return None
        sample: list[Record] = []
        left = _SIGNS
        faults = Faults()
        for _, size, record in _records(file, faults):
            sample.append(record)
            left -= size
            if len(sample) == _SAMPLE or left < 0:
                break
        if not sample:
            return NotUnderstood(f"no line of it is JSON: {': '.join(faults[0])}") if faults else None

        def records(faults: Faults) -> Iterator[tuple[str, Record]]:
            return ((where, record) for where, _, record in _records(file, faults))

        return table_of_records(file, self.label, sample, records)


def _records(file: TableFile, faults: Faults) -> Iterator[tuple[str, int, Record]]:
    """("line 17", its length, the object there)"""
    for number, line in file.lines():
        where = f"line {number:,}"
        if line is None:
            faults.add(where, "it is too long for an entry of a table")
            continue
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError) as exc:
            faults.add(where, f"it is no JSON ({exc})")
            continue
        if not isinstance(entry, dict):
            faults.add(where, "it is no entry with columns")
        else:
            yield where, len(line), conversation_of(entry) if is_conversation(entry) else entry
