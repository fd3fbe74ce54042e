"""Tells by its content what a table of captions is, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from lib.importing.base import MAX_TABLE_BYTES, CaptionRow, ImageNames
from lib.importing.registry import TABLES
from lib.importing.tables.base import is_heavy
from lib.importing.tables.face import Faults, NotUnderstood, Reading, Row, TableFound

_TOO_LARGE = "it is too large for a table of captions"


def understand(
    path: Path, name: str, names: ImageNames, reading: Reading = Reading()
) -> TableFound | NotUnderstood | None:
    """What the file at a path is, which a person knows by `name` (its path in what is imported).

    `names` are all images that it may speak of. None where it is no table of captions. Raises OSError.
    """
    if path.stat().st_size > MAX_TABLE_BYTES:
        return NotUnderstood(_TOO_LARGE)
    data = path.read_bytes()
    if is_heavy(name, data):
        return NotUnderstood(_TOO_LARGE)
    for kind, table in TABLES.items():
        if not name.lower().endswith(table.endings):
            continue
        try:
            rows = table().read(data)
        except (ValueError, RecursionError) as exc:
            return NotUnderstood(f"it is damaged ({exc})")
        if rows is not None:
            return replace(TableFound(table.label, _reader(rows)), kind=kind)
    return None


def _reader(rows: list[CaptionRow]) -> Callable[[Faults], Iterator[Row]]:
    def read(faults: Faults) -> Iterator[Row]:
        for key, text in rows:
            yield Row(key, (text,))

    return read
