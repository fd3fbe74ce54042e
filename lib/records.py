"""What is asked of many records at once, however they are kept: in a list, or in columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import TYPE_CHECKING

from lib.column_texts import ColumnTexts, match_places
from lib.domain import ImageRecord
from lib.record_columns import ColumnRecords

if TYPE_CHECKING:
    from lib.column_texts import RowPlaces


def texts_of(records: Sequence[ImageRecord]) -> Sequence[str]:
    """The captions of records."""
    return records.texts if isinstance(records, ColumnRecords) else [record.text for record in records]


def some_texts(records: Sequence[ImageRecord], count: int) -> list[str]:
    """About so many captions that are not empty, from all over."""
    if isinstance(records, ColumnRecords):
        return records.some_texts(count)
    filled = [record.text for record in records if record.text]
    return filled[:: max(1, len(filled) // count)]


def captions_of(records: Sequence[ImageRecord], names: Sequence[str]) -> Sequence[str]:
    """The captions of images by their names, "" for one that is not among the records."""
    if not isinstance(records, ColumnRecords):
        known = {record.name: record.text for record in records}
        return [known.get(name, "") for name in names]
    places = match_places(ColumnTexts.of(names), records.names)
    if len(places) == 0 or places.min() >= 0:
        return records.at(places).texts
    found = iter(records.at(places[places >= 0]).texts)
    return [next(found) if is_there else "" for is_there in (places >= 0).tolist()]


def named_in_order(records: Sequence[ImageRecord], names: Sequence[str]) -> Sequence[ImageRecord]:
    """Those of some images that are among the records, in the order of their names here."""
    if isinstance(records, ColumnRecords):
        places = match_places(ColumnTexts.of(names), records.names)
        return records.at(places[places >= 0])
    wanted = frozenset(names)
    known = {record.name: record for record in records if record.name in wanted}
    return [known[name] for name in names if name in known]


def names_of(records: Sequence[ImageRecord]) -> Sequence[str]:
    """The names of records."""
    return records.names if isinstance(records, ColumnRecords) else [record.name for record in records]


def count_tagged(records: Sequence[ImageRecord]) -> int:
    """How many of them have a caption that is more than blanks."""
    if isinstance(records, ColumnRecords):
        return int(records.are_tagged().sum())
    return sum(record.is_tagged for record in records)


def tagged_at(records: Sequence[ImageRecord]) -> Callable[[int], bool]:
    """Says of a place whether the record there has a caption that is more than blanks."""
    if isinstance(records, ColumnRecords):
        found: list[bool] = records.are_tagged().tolist()
        return found.__getitem__
    return lambda place: records[place].is_tagged


def at_places(records: Sequence[ImageRecord], places: RowPlaces | Sequence[int]) -> Sequence[ImageRecord]:
    """The records at some places, in that order."""
    return records.at(places) if isinstance(records, ColumnRecords) else [records[place] for place in places]


def named(records: Sequence[ImageRecord], names: Set[str], *, are: bool = True) -> Sequence[ImageRecord]:
    """Those records whose names are among some, in their order, or those whose are not."""
    if isinstance(records, ColumnRecords):
        return records.at((records.are_named(names) == are).nonzero()[0])
    return [record for record in records if (record.name in names) is are]


def named_by_sidecar(records: Sequence[ImageRecord], sidecars: Set[str]) -> dict[str, ImageRecord]:
    """The records whose tag files are among some, by their paths; of several that share one the last."""
    if not isinstance(records, ColumnRecords) or records.tag_files is None:
        return {record.sidecar: record for record in records if record.sidecar in sidecars}
    # A record for each of a million would take most of the time of an undo.
    paths = (name.rpartition(".")[0] + kind[0] for name, kind in zip(records.names, records.tag_files, strict=True))
    return {path: records[place] for place, path in enumerate(paths) if path in sidecars}


def places_among(some: Sequence[ImageRecord], records: Sequence[ImageRecord]) -> list[int]:
    """The places of some of the records among all of them, in order, by their names."""
    if isinstance(some, ColumnRecords) and isinstance(records, ColumnRecords) and records.is_whole_of(some):
        return list(range(len(some))) if some.places is None else sorted(some.places.tolist())
    wanted = frozenset(names_of(some))
    return [place for place, name in enumerate(names_of(records)) if name in wanted]


def joined(first: Sequence[ImageRecord], then: Sequence[ImageRecord]) -> Sequence[ImageRecord]:
    """One behind the other. Both are of one dataset."""
    if not len(then):
        return first
    if isinstance(first, ColumnRecords) and isinstance(then, ColumnRecords):
        return first.followed_by(then)
    return (*first, *then)


def changes_between(
    old: Sequence[ImageRecord], new: Sequence[ImageRecord]
) -> list[tuple[ImageRecord, ImageRecord]] | None:
    """What each changed record was and is, None where they are not records of the same images at two times."""
    if isinstance(old, ColumnRecords) and isinstance(new, ColumnRecords):
        if old.columns.names is not new.columns.names:
            return None
        return [(old[place], new[place]) for place in new.columns.changed_since(old.columns)]
    if len(old) != len(new):
        return None
    return [(was, now) for was, now in zip(old, new, strict=True) if was is not now]
