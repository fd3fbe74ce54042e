"""Other orders of an opened folder's records than that of their names."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path

from lib.domain import ImageRecord
from lib.record_columns import ColumnRecords


def by_length(records: Sequence[ImageRecord], *, longest_first: bool) -> Sequence[ImageRecord]:
    """By the number of characters of the captions; those of one length stay in their order."""
    if isinstance(records, ColumnRecords):
        return records.by_length(longest_first=longest_first)
    return sorted(records, key=lambda record: len(record.text), reverse=longest_first)


def newest_first(
    root: Path, records: Sequence[ImageRecord], changes: Mapping[str, int] | None = None
) -> Sequence[ImageRecord]:
    """By the time at which the tag files were changed, whoever did it; images without one come last, in their order.

    `changes`: of rows, which have no file: a number by name, the higher the later.
    """
    if isinstance(records, ColumnRecords) and records.is_table:
        return _highest_first(records, changes or {})
    base = f"{root}/"
    if isinstance(records, ColumnRecords):
        # As whole numbers: nanoseconds since 1970 are more than a float tells apart.
        changed = [_changed(base + record.sidecar) for record in records]
        return records.at(sorted(range(len(changed)), key=changed.__getitem__, reverse=True))
    return sorted(records, key=lambda record: _changed(base + record.sidecar), reverse=True)


def by_cluster(records: Sequence[ImageRecord], numbers: Mapping[str, int]) -> Sequence[ImageRecord]:
    """By the number of each image's cluster, found by its name; images outside of all clusters come last."""
    if isinstance(records, ColumnRecords):
        return records.by_number([numbers.get(name, inf) for name in records.names])
    return sorted(records, key=lambda record: numbers.get(record.name, inf))


def by_rating(records: Sequence[ImageRecord], ratings: Mapping[str, int]) -> Sequence[ImageRecord]:
    """By stars, the most first; those without any come last."""
    if isinstance(records, ColumnRecords):
        return _highest_first(records, ratings)
    return sorted(records, key=lambda record: -ratings.get(record.name, 0))


def _highest_first(records: ColumnRecords, numbers: Mapping[str, int]) -> ColumnRecords:
    """Records are made by none of this: of a million they would take more than the table."""
    places = {place: numbers[name] for name in numbers if (place := records.columns.find(name)) is not None}
    return records.by_place_number({place: -number for place, number in places.items()})


def _changed(path: str) -> int:
    """Nanoseconds, 0 where there is no such file."""
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 - a Path for each of 100,000 files takes as long as the file
    except (OSError, ValueError):
        return 0
