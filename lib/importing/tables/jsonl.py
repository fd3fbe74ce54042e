"""imagefolder's `metadata.jsonl`: an entry a line."""

from __future__ import annotations

import json

from lib.importing.base import CaptionRow
from lib.importing.tables.base import Table, rows_of


class JsonlTable(Table):
    label = "Hugging Face metadata.jsonl"
    endings = (".jsonl",)

    def read(self, data: bytes) -> list[CaptionRow] | None:
        return rows_of([json.loads(line) for line in data.splitlines() if line.strip()])
