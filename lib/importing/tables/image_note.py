"""A json beside an image, by the image's name or with `.json` behind it: gallery-dl's, and any with a caption in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lib.importing.tables.base import Table
from lib.importing.tables.columns import ALMOST, CAPTIONS
from lib.importing.tables.results import Faults, NotUnderstood, Row, TableFound
from lib.importing.tables.table_file import TableFile
from lib.importing.tables.values import texts_of

_MOST = 4_000_000
_ORDER = (*CAPTIONS, "content", "description", *ALMOST, "tags_general", "tag_string_general")


class ImageNote(Table):
    label = "gallery-dl and other json beside an image"
    endings = (".json",)

    def understand(self, file: TableFile) -> TableFound | NotUnderstood | None:
        """Its caption is under the first of the known names that holds a text, or the one that is chosen."""
        image = file.image_beside.rpartition("/")[2]
        if not image or file.path.stat().st_size > _MOST:
            return None
        content = json.loads("".join(file.pieces()))
        if not isinstance(content, dict):
            return None
        known = {name: value for name, value in content.items() if texts_of(value, name) and name in _ORDER}
        wanted = file.reading.caption_column
        name = wanted if wanted in content else min(known, key=_ORDER.index, default=None)
        texts = texts_of(content[name], name) if name else None
        if not texts:
            return _nothing(content)

        def read(faults: Faults) -> Iterator[Row]:
            yield Row(image, texts)

        columns = tuple(key for key, value in content.items() if texts_of(value, key))
        return TableFound(self.label, read, columns, caption_column=name, encoding=file.encoding)


def _nothing(content: dict[str, Any]) -> NotUnderstood | None:
    """Said only where it holds what could be a caption."""
    columns = tuple(key for key, value in content.items() if isinstance(value, str) and " " in value.strip())
    if not columns:
        return None
    return NotUnderstood(
        f"no caption is known in it; it has {', '.join(columns[:20])}. Choose one with --caption-column", columns
    )
