"""kohya's metadata: `{key: {"caption", "tags"}}`. A caption comes before tags, joined as sd-scripts join them."""

from __future__ import annotations

import json

from lib.importing.base import CaptionRow
from lib.importing.tables.base import Table


class KohyaTable(Table):
    label = "kohya metadata"
    endings = (".json",)

    def read(self, data: bytes) -> list[CaptionRow] | None:
        content = json.loads(data)
        if not isinstance(content, dict) or not content:
            return None
        if not all(isinstance(entry, dict) for entry in content.values()):
            return None
        rows = []
        for key, entry in content.items():
            texts = [entry[part] for part in ("caption", "tags") if isinstance(entry.get(part), str) and entry[part]]
            if texts:
                rows.append((key, ", ".join(texts)))
        return rows
