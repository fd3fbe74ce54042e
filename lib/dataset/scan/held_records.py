"""The records of an opened folder, kept in a list, or in columns where they are many: a third of the memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from lib.dataset.scan.gathering import FolderRecords
from lib.domain import ImageRecord
from lib.record_blocks import RecordColumns
from lib.record_columns import ColumnRecords, record_at


class HeldRecords(Protocol):
    """Records whose number and order stay. Not for several threads at a time: the dataset's lock is held."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: int) -> ImageRecord: ...

    def put(self, place: int, record: ImageRecord) -> None:
        """Puts a record in the place of another one, with the same name or a new one."""

    def find(self, name: str) -> int | None:
        """The place of an image."""

    @property
    def all(self) -> FolderRecords:
        """All of them, as they stand now."""

    def snapshot(self) -> FolderRecords:
        """All of them, which stay as they are now."""


def held(records: FolderRecords) -> HeldRecords:
    """`records`: all of a folder, which the dataset may change from now on."""
    return HeldList(records) if isinstance(records, list) else HeldColumns(records.columns)


def replaced_since(then: Sequence[ImageRecord], now: Sequence[ImageRecord]) -> list[ImageRecord]:
    """The records of one dataset that were put in the place of others since a snapshot, also of equal ones."""
    if not isinstance(then, ColumnRecords) or not isinstance(now, ColumnRecords):
        return [new for new, old in zip(now, then, strict=True) if new is not old]
    before, after = then.tag_files, now.tag_files
    if before is None or after is None:
        raise TypeError("Rows of a table are not those of a folder.")
    return [now[place] for place in (after.turns != before.turns).nonzero()[0].tolist()]


class HeldList:
    """Each as an object: the quickest, about 300 bytes an image."""

    def __init__(self, records: list[ImageRecord]) -> None:
        self._all = records
        self._index: dict[str, int] | None = None

    @property
    def all(self) -> list[ImageRecord]:
        return self._all

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, place: int) -> ImageRecord:
        return self._all[place]

    def put(self, place: int, record: ImageRecord) -> None:
        if record.name != self._all[place].name:
            self._index = None
        self._all[place] = record

    def find(self, name: str) -> int | None:
        if self._index is None:
            self._index = {record.name: place for place, record in enumerate(self._all)}
        return self._index.get(name)

    def snapshot(self) -> list[ImageRecord]:
        return self._all.copy()


class HeldColumns:
    """In columns, and those that were put there since as objects, until all are asked for.

    A column that takes in one record copies a block of thousands, so a bulk edit would take minutes otherwise.
    """

    def __init__(self, columns: RecordColumns) -> None:
        self._records = ColumnRecords(columns)
        self._new: dict[int, ImageRecord] = {}
        self._found = 0

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, place: int) -> ImageRecord:
        return self._new.get(place) or record_at(self._records.columns, place)

    def put(self, place: int, record: ImageRecord) -> None:
        is_renamed = record.name != self._records.columns.name(place)
        self._new[place] = record
        if is_renamed:
            # Names are looked up in the columns alone.
            self._take_in()

    def find(self, name: str) -> int | None:
        """Images are asked for twice, or one after the other, far more often than anyhow: a twentieth of the time."""
        columns = self._records.columns
        for place in (self._found, self._found + 1):
            if place < len(columns) and columns.name(place) == name:
                self._found = place
                return place
        found = columns.find(name)
        self._found = found or 0
        return found

    @property
    def all(self) -> ColumnRecords:
        if self._new:
            self._take_in()
        return self._records

    def snapshot(self) -> ColumnRecords:
        return self.all

    def _take_in(self) -> None:
        self._records = ColumnRecords(self._records.columns.with_images(self._new))
        self._new = {}
