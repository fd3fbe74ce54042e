"""Records of a scan put together: a list, or columns where they are many, without ever holding all as objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from lib.domain import ImageRecord
from lib.record_blocks import RecordColumns, TagFileColumn
from lib.record_columns import ColumnRecords

PACKED_ABOVE = 200_000
"""Images from which on their records are kept in columns: 100 bytes each and not 300."""
_AT_ONCE = 16_384
"""Records of small folders that are packed together."""


def are_many(count: int) -> bool:
    """Whether so many images are kept in columns."""
    return count > PACKED_ABOVE


FolderRecords = list[ImageRecord] | ColumnRecords
"""Either all are objects, or all are in columns."""


class Gathering:
    """Takes in the records of one folder after the other, in their order."""

    def __init__(self) -> None:
        self._waiting: list[ImageRecord] = []
        self._pieces: list[ColumnRecords] = []
        self._changes: dict[int, ImageRecord] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, records: FolderRecords, changes: Mapping[int, ImageRecord] = MappingProxyType({})) -> None:
        """`changes`: other records at some of their places."""
        for place, record in changes.items():
            self._changes[self._count + place] = record
        self._count += len(records)
        if isinstance(records, list):
            self._waiting += records
        else:
            self._pack()
            self._pieces.append(records)
        if len(self._waiting) > (_AT_ONCE if self._pieces else PACKED_ABOVE):
            self._pack()

    def _pack(self) -> None:
        if self._waiting:
            self._pieces.append(packed(self._waiting))
            self._waiting = []

    def records(self) -> FolderRecords:
        """All of them. Asked for once, at the end."""
        if not self._pieces:
            for place, record in self._changes.items():
                self._waiting[place] = record
            return self._waiting
        self._pack()
        found = _joined(self._pieces)
        self._pieces = []
        return ColumnRecords(found.columns.with_images(self._changes)) if self._changes else found


def packed(records: Sequence[ImageRecord]) -> ColumnRecords:
    """Records of a folder's images in columns."""
    return ColumnRecords(RecordColumns.of_images(records))


def suffixes_of(records: FolderRecords) -> Iterable[str]:
    """The suffix of each one's tag file."""
    if isinstance(records, list):
        return (record.suffix for record in records)
    return (suffix for suffix, _, _ in records.tag_files or ())


def _joined(pieces: Sequence[ColumnRecords]) -> ColumnRecords:
    """One behind the other; where they are the whole of the same columns, those themselves."""
    import pyarrow

    whole = pieces[0].columns
    reached = 0
    for one in pieces:
        if one.columns is not whole or one.stretch is None or one.stretch.start != reached:
            break
        reached = one.stretch.stop
    else:
        if reached == len(whole):
            return ColumnRecords(whole)
    names = [chunk for one in pieces for chunk in one.names.column.chunks]
    texts = [chunk for one in pieces for chunk in one.texts.column.chunks]
    tag_files = TagFileColumn.joined([one.tag_files for one in pieces if one.tag_files is not None])
    columns = pyarrow.chunked_array(texts, pyarrow.large_string())
    return ColumnRecords(RecordColumns.of(pyarrow.concat_arrays(names), columns, tag_files))
