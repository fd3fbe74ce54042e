"""What the tables have in common whose cells stand in rows: how one is read back, and what a cell of JSON is."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lib.dataset.tag_files.sidecar import MAX_BYTES
from lib.exporting.base import FileVerdict

# The module gives up at 131,072 characters; a tag file may hold more.
csv.field_size_limit(MAX_BYTES)


def as_json(origin: dict[str, Any]) -> str:
    """Where a caption came from, as a cell has it: "" where nobody knows."""
    return json.dumps(origin, ensure_ascii=False) if origin else ""


def read_table(path: Path, head: tuple[str, ...], delimiter: str = ",") -> Iterator[FileVerdict]:
    """The rows of a table whose columns are known."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True, delimiter=delimiter)
            if tuple(next(rows, ())) != head:
                yield path.name, "its first line is not the one that was exported"
            for row in rows:
                yield row[0], "" if len(row) == len(head) else "its line is damaged"
    except (ValueError, csv.Error, IndexError) as exc:
        yield path.name, f"it is damaged ({exc})"
