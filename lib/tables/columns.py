"""Which column of a Parquet table is the name, which the caption, which the picture: as imports know them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.errors import InvalidInput
from lib.importing import parquet_rows

if TYPE_CHECKING:
    import pyarrow

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class TableColumns:
    """The paths of columns, "" where there is none. `image` holds the bytes of pictures."""

    name: str
    caption: str
    image: str = ""

    @property
    def read(self) -> list[str]:
        """What is read to open the table."""
        return [column for column in (self.name, self.caption) if column]


def recognise(schema: pyarrow.Schema, table: str) -> TableColumns:
    """The columns of a table. Raises InvalidInput where it has no captions and no pictures that are known by name."""
    import pyarrow

    known = {field.name.lower(): field for field in reversed(list(schema))}
    image = name = ""
    for wanted in parquet_rows.IMAGES:
        if (field := known.get(wanted)) is None:
            continue
        if pyarrow.types.is_struct(field.type):
            inside = {part.name for part in field.type}
            image = f"{field.name}.bytes" if "bytes" in inside else ""
            name = f"{field.name}.path" if "path" in inside else ""
        elif _is_binary(field.type):
            image = field.name
        elif _is_text(field.type):
            name = field.name
        break
    # What a part calls its key is the name that everybody knows the sample by.
    names = ("key", *parquet_rows.NAMES)
    named = next((known[one].name for one in names if one in known and _is_text(known[one].type)), "")
    caption = next((known[one].name for one in parquet_rows.TEXTS if one in known and _is_caption(known[one].type)), "")
    found = TableColumns(named or name, caption, image)
    if not found.caption and not found.image:
        raise InvalidInput(
            f"“{table}” has no column of captions and none of pictures that are known here.",
            f"{_listed(schema.names)} Captions should be called text or caption, pictures image, names file_name.",
        )
    return found


def _is_text(kind: pyarrow.DataType) -> bool:
    import pyarrow

    if pyarrow.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind))


def _is_binary(kind: pyarrow.DataType) -> bool:
    import pyarrow

    return bool(pyarrow.types.is_binary(kind) or pyarrow.types.is_large_binary(kind))


def _is_caption(kind: pyarrow.DataType) -> bool:
    import pyarrow

    is_list = pyarrow.types.is_list(kind) or pyarrow.types.is_large_list(kind)
    return _is_text(kind.value_type if is_list else kind)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return f"Its columns: {', '.join(name[:60] for name in names[:_SHOWN])}{more}."
