"""A file of a table written anew with other captions in some of its rows, a row group at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.parts.work import COUNTS
from lib.places import DataPlace
from lib.tables.columns import TableColumns
from lib.tables.reading import parquet_file, told

if TYPE_CHECKING:
    import pyarrow
    from pyarrow.parquet import ParquetFile

_NEW_COLUMN = "text"
"""What captions are called in a table that had none."""


def former_captions(place: DataPlace, name: str, columns: TableColumns, texts: Mapping[int, str]) -> dict[int, str]:
    """What the rows of a file hold that are to hold other words; rows that hold them already are left out.

    Raises InvalidInput, PlaceFailed.
    """
    found: dict[int, str] = {}
    with _opened(place, name) as table:
        for first, group in _groups(table, f"{place}/{name}", [columns.caption] if columns.caption else []):
            for row in _within(texts, first, group.num_rows):
                before = _words(group[columns.caption][row - first].as_py()) if columns.caption else ""
                if before != texts[row]:
                    found[row] = before
    return found


def rewrite(place: DataPlace, name: str, columns: TableColumns, texts: Mapping[int, str], out: Path) -> None:
    """Writes a file of a table to `out`, with these captions in these rows and all else as it is.

    Raises InvalidInput, PlaceFailed, OSError where `out` cannot be written.
    """
    import pyarrow.parquet

    with _opened(place, name) as table:
        schema = _schema(table, columns, is_edited=bool(texts))
        with pyarrow.parquet.ParquetWriter(out, schema, **_as_it_was(table)) as writer:
            for first, group in _groups(table, f"{place}/{name}", None):
                rows = {row - first: texts[row] for row in _within(texts, first, group.num_rows)}
                changed = _with_captions(group, columns.caption, rows).cast(schema)
                writer.write_table(changed, row_group_size=max(1, changed.num_rows))
                # Or else two of them would be held at a time.
                del group, changed


@contextmanager
def _opened(place: DataPlace, name: str) -> Iterator[ParquetFile]:
    with place.open(name) as file:
        with told(f"{place}/{name}"):
            table = parquet_file(file)
        with table:
            yield table


def _groups(table: ParquetFile, file: str, columns: list[str] | None) -> Iterator[tuple[int, pyarrow.Table]]:
    """Each row group with the place of its first row."""
    first = 0
    for number in range(table.num_row_groups):
        with told(file):
            group = table.read_row_group(number, columns=columns, use_threads=False)
        yield first, group
        first += table.metadata.row_group(number).num_rows
        del group


def _within(texts: Mapping[int, str], first: int, count: int) -> list[int]:
    return [row for row in texts if first <= row < first + count]


def _schema(table: ParquetFile, columns: TableColumns, *, is_edited: bool) -> pyarrow.Schema:
    import pyarrow

    schema = table.schema_arrow
    if not columns.caption:
        schema = schema.append(pyarrow.field(_NEW_COLUMN, pyarrow.string()))
    else:
        at = schema.get_field_index(columns.caption)
        field = schema.field(at)
        if pyarrow.types.is_dictionary(field.type):
            schema = schema.set(at, field.with_type(field.type.value_type))
    metadata = dict(schema.metadata or {})
    counts = json.loads(metadata.get(COUNTS, b"{}")) or {"rows": table.metadata.num_rows, "failed": 0}
    if is_edited:
        # Whoever makes parts anew is to know of words that a person wrote here.
        counts["edited"] = True
    return schema.with_metadata(metadata | {COUNTS: json.dumps(counts).encode()})


def _as_it_was(table: ParquetFile) -> dict[str, Any]:
    """How the columns were packed."""
    if not table.num_row_groups:
        return {"compression": "zstd"}
    group = table.metadata.row_group(0)
    packed = {(one := group.column(number)).path_in_schema: one for number in range(group.num_columns)}
    compression = {path: one.compression.lower().replace("uncompressed", "none") for path, one in packed.items()}
    short = [path for path, one in packed.items() if one.has_dictionary_page]
    # A column that was not there before has no entry, and is not packed.
    return {"compression": compression, "use_dictionary": short or False}


def _with_captions(group: pyarrow.Table, column: str, texts: Mapping[int, str]) -> pyarrow.Table:
    import pyarrow

    if not column:
        words = pyarrow.array([texts.get(row, "") for row in range(group.num_rows)], pyarrow.string())
        return group.append_column(_NEW_COLUMN, words)
    at = group.schema.get_field_index(column)
    kind = group.schema.field(at).type
    if pyarrow.types.is_dictionary(kind):
        kind = kind.value_type
    elif not texts:
        return group
    values = group[column].to_pylist()
    is_list = pyarrow.types.is_list(kind) or pyarrow.types.is_large_list(kind)
    for row, text in texts.items():
        values[row] = text.split("\n") if is_list else text
    return group.set_column(at, column, pyarrow.array(values, kind))


def _words(cell: Any) -> str:
    """A caption as it is read: lines, where there are several."""
    return "\n".join(text or "" for text in cell) if isinstance(cell, list) else cell or ""
