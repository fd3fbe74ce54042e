"""`label.json` of a webdata.zip: a list of `{"file_name", "text"}`."""

from __future__ import annotations

import json

from lib.importing.base import CaptionRow
from lib.importing.tables.base import Table, rows_of


class LabelTable(Table):
    label = "webdata.zip's label.json"
    endings = (".json",)

    def read(self, data: bytes) -> list[CaptionRow] | None:
        content = json.loads(data)
        return rows_of(content) if isinstance(content, list) else None
