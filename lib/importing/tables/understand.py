"""Tells by its content what a table of captions is, and how it is read."""

from __future__ import annotations

from pathlib import Path

from lib.dataset.tag_files.sidecar import SUFFIXES as SIDECAR_SUFFIXES
from lib.importing.base import ImageNames
from lib.importing.registry import TABLES
from lib.importing.tables.results import NotUnderstood, Reading, TableFound
from lib.importing.tables.table_file import TableFile
from lib.importing.tables.text_encoding import is_encoding

MAX_BYTES = 1_000_000_000


def understand(
    path: Path, name: str, names: ImageNames, reading: Reading = Reading()
) -> TableFound | NotUnderstood | None:
    """What the file at a path is, which a person knows by `name` (its path in what is imported).

    `names` are all images that it may speak of. None where it is no table of captions, as the tag file of an image is
    none, whatever it begins with. Raises OSError.
    """
    file = TableFile(path, name, names, reading)
    if name.lower().endswith(SIDECAR_SUFFIXES) and file.image_beside:
        return None
    if path.stat().st_size > MAX_BYTES:
        return NotUnderstood(f"it is larger than {MAX_BYTES // 1_000_000_000} GB; cut it into several")
    if reading.encoding is not None and not is_encoding(reading.encoding):
        return NotUnderstood(f"there is no encoding “{reading.encoding}”; utf-8, utf-16, cp1252, gb18030 are some")
    reason: NotUnderstood | None = None
    for kind, table in TABLES.items():
        if not name.lower().endswith(table.endings):
            continue
        try:
            found = table().understand(file)
        except (ValueError, RecursionError) as exc:
            found = NotUnderstood(f"it is damaged ({exc})")
        if isinstance(found, TableFound):
            found.kind = kind
            return found
        reason = reason or found
    return reason
