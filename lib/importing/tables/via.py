"""VGG Image Annotator: attributes of files, as a project, as JSON, or as CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lib.importing.tables.base import Table
from lib.importing.tables.columns import Record
from lib.importing.tables.csv_rows import Dialect, cell_rows
from lib.importing.tables.json_stream import entries, parts
from lib.importing.tables.records import table_of_records
from lib.importing.tables.results import Faults, NotUnderstood, TableFound
from lib.importing.tables.table_file import TableFile

_PROJECT = "_via_img_metadata"
_SAMPLE = 200
_CSV = Dialect(",", is_quoted=True, is_loose=False)


class ViaTable(Table):
    label = "VGG Image Annotator"
    endings = (".json", ".csv")

    def understand(self, file: TableFile) -> TableFound | NotUnderstood | None:
        if file.name.lower().endswith(".csv"):
            _, line = next(file.lines(), (0, None))
            head = next(csv.reader([line or ""]), [])
            if not {"filename", "file_attributes"} <= {cell.strip("#\ufeff ") for cell in head}:
                return None
        elif not _is_via(file.outline.sections.get(_PROJECT) or file.outline.sections):
            return None

        def records(faults: Faults) -> Iterator[tuple[str, Record]]:
            yield from _of_csv(file, faults) if file.name.lower().endswith(".csv") else _of_json(file, faults)

        sample = [record for _, record in islice(records(Faults()), _SAMPLE)]
        return table_of_records(file, self.label, sample, records)


def _is_via(files: Any) -> bool:
    values = list(files.values()) if isinstance(files, dict) else []
    fitting = [value for value in values if isinstance(value, dict) and {"filename", "file_attributes"} <= value.keys()]
    return len(fitting) * 2 > len(values)


def _of_json(file: TableFile, faults: Faults) -> Iterator[tuple[str, Record]]:
    is_project = _PROJECT in file.outline.sections
    found: Iterator[tuple[Any, Any]] = entries(file.pieces())
    if is_project:
        found = ((place, value) for key, place, value in parts(file.pieces()) if key == _PROJECT)
    for key, value in found:
        if isinstance(value, dict) and isinstance(value.get("file_attributes"), dict):
            yield f"“{str(key)[:60]}”", {"filename": value.get("filename")} | value["file_attributes"]
        else:
            faults.add(f"“{str(key)[:60]}”", "it has no filename and file_attributes")


def _of_csv(file: TableFile, faults: Faults) -> Iterator[tuple[str, Record]]:
    """A file once, though it has a row for each of its regions."""
    rows = cell_rows(file.lines, _CSV, faults)
    _, head = next(rows, ("", []))
    columns = [cell.strip("#\ufeff ") for cell in head]
    last: Record = {}
    for where, cells in rows:
        row = dict(zip(columns, cells, strict=False))
        try:
            attributes = json.loads(row.get("file_attributes") or "{}")
        except (ValueError, RecursionError) as exc:
            faults.add(where, f"its file_attributes are no JSON ({exc})")
            continue
        record = {"filename": row.get("filename")} | (attributes if isinstance(attributes, dict) else {})
        if record != last:
            yield where, record
        last = record
