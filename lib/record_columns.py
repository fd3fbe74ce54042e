"""Records that are made when they are asked for, from columns in Arrow: a million take 100 MB, where objects take 600.

Nothing here changes: an edit gives other columns, which share all blocks but those that it touched. So whoever keeps
records from before can tell what is another by now, and a page's copy costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast, overload

from lib.column_texts import ColumnTexts, taken
from lib.domain import ImageRecord, SidecarState
from lib.record_blocks import RecordColumns, TagFileColumn, TagFileStanding

if TYPE_CHECKING:
    from lib.column_texts import RowPlaces


_MANY_NAMES = 1_000
"""Of which each is not looked for by itself."""


@dataclass(frozen=True, slots=True)
class RowRecord(ImageRecord):
    """A row of a table as a record. It has no tag file: what stands in for the path of one is its own name."""

    @property
    def sidecar(self) -> str:
        return self.name

    @property
    def stem(self) -> str:
        return self.name


class ColumnRecords(Sequence[ImageRecord]):
    """Records of some rows in some order, of all in theirs without `places`. Equal to what shows the same, of the same.

    Safe to share: it never changes.
    """

    def __init__(self, columns: RecordColumns, places: RowPlaces | None = None) -> None:
        self.columns = columns
        self.places = places

    def __len__(self) -> int:
        return len(self.columns) if self.places is None else len(self.places)

    @overload
    def __getitem__(self, at: int) -> ImageRecord: ...

    @overload
    def __getitem__(self, at: slice) -> ColumnRecords: ...

    def __getitem__(self, at: int | slice) -> ImageRecord | ColumnRecords:
        import numpy

        if isinstance(at, slice):
            if at.indices(len(self)) == (0, len(self), 1):
                return self
            return ColumnRecords(
                self.columns, numpy.arange(*at.indices(len(self))) if self.places is None else self.places[at]
            )
        at = range(len(self))[at]
        place = at if self.places is None else int(self.places[at])
        return record_at(self.columns, place)

    def __iter__(self) -> Iterator[ImageRecord]:
        if self.tag_files is None:
            return map(_row, self.names, self.texts)
        return map(_image, self.names, self.texts, self.tag_files)

    def __eq__(self, other: object) -> bool:
        import numpy

        if not isinstance(other, ColumnRecords):
            return NotImplemented
        if other.columns is not self.columns or len(other) != len(self):
            return False
        if self.places is None or other.places is None:
            return self.places is other.places
        return bool(numpy.array_equal(self.places, other.places))

    __hash__ = None  # type: ignore[assignment]

    def __contains__(self, record: object) -> bool:
        if not isinstance(record, ImageRecord) or (place := self.columns.find(record.name)) is None:
            return False
        return record_at(self.columns, place) == record and (self.places is None or place in self.places)

    @property
    def is_table(self) -> bool:
        """Whether they are rows of a table, which have no files."""
        return self.columns.tag_files is None

    @cached_property
    def tag_files(self) -> TagFileColumn | None:
        """How their tag files stand, None for rows of a table."""
        column = self.columns.tag_files
        return column if column is None or self.places is None else column.at(self.places)

    def are_standing(self, test: Callable[[TagFileStanding], bool]) -> RowPlaces:
        """For each image whether its tag file stands as is meant; no row of a table does."""
        import numpy

        return numpy.zeros(len(self), dtype=bool) if self.tag_files is None else self.tag_files.are(test)

    @cached_property
    def stretch(self) -> slice | None:
        """What they are cut out by, where they lie side by side: that copies nothing."""
        places = self.places
        if places is None or not len(places):
            return slice(0, len(self))
        start, last = int(places[0]), int(places[-1])
        if last - start != len(places) - 1 or not (places[1:] - places[:-1] == 1).all():
            return None
        return slice(start, last + 1)

    @cached_property
    def names(self) -> ColumnTexts:
        """The names alone."""
        import pyarrow

        names, at = self.columns.names, self.stretch
        return ColumnTexts(pyarrow.chunked_array([names.take(self.places) if at is None else names[at]]))

    @cached_property
    def texts(self) -> ColumnTexts:
        """The captions alone."""
        columns, at = self.columns, self.stretch
        if self.places is not None and at is None:
            return ColumnTexts(taken(columns.blocks, self.places))
        return ColumnTexts(columns.texts() if self.places is None else columns.texts()[at])

    def at(self, places: RowPlaces | Sequence[int]) -> ColumnRecords:
        """The records at some of its places, in that order."""
        import numpy

        chosen = numpy.asarray(places, dtype=numpy.int64)
        return ColumnRecords(self.columns, chosen if self.places is None else self.places[chosen])

    def followed_by(self, then: ColumnRecords) -> ColumnRecords:
        """Its records, and behind them others of the same columns."""
        import numpy

        pieces = [numpy.arange(len(one)) if one.places is None else one.places for one in (self, then)]
        return ColumnRecords(self.columns, numpy.concatenate(pieces))

    def is_whole_of(self, some: ColumnRecords) -> bool:
        """Whether it is all rows, in their order, and others are of the same rows, before or after an edit."""
        return self.places is None and some.columns.names is self.columns.names

    def are_tagged(self) -> RowPlaces:
        """For each record whether it has a caption that is more than blanks."""
        import numpy
        import pyarrow.compute as pc

        # Block by block: what is trimmed is a copy, and of all at once would take as much as the table.
        lengths = [pc.binary_length(pc.utf8_trim_whitespace(block)) for block in self.texts.column.chunks]
        # Compared by numpy: Arrow imports pandas for a number.
        masks = [length.to_numpy(zero_copy_only=False) > 0 for length in lengths]
        return numpy.concatenate(masks) if masks else self._none()

    def are_named(self, names: Iterable[str]) -> RowPlaces:
        """For each record whether its name is one of these."""
        import numpy

        wanted = list(names)
        if len(wanted) > _MANY_NAMES:
            import pyarrow
            import pyarrow.compute as pc

            asked = pyarrow.array(wanted, pyarrow.large_string())
            return numpy.asarray(pc.is_in(self.names.column, value_set=asked).to_numpy())
        mask = numpy.zeros(len(self.columns), dtype=bool)
        mask[[place for place in map(self.columns.find, wanted) if place is not None]] = True
        found: RowPlaces = mask if self.places is None else mask[self.places]
        return found

    def are_below(self, folder: str) -> RowPlaces:
        """For each record whether it lies in a relative folder or below it."""
        import pyarrow.compute as pc

        found: RowPlaces = pc.starts_with(self.names.column, f"{folder.strip('/')}/").to_numpy()
        return found

    def places_of(self, conditions: Sequence[RowPlaces]) -> Sequence[int]:
        """The places, in order, at which all conditions hold."""
        import numpy

        if not conditions:
            return range(len(self))
        found: Any = numpy.flatnonzero(numpy.logical_and.reduce(conditions))
        return cast(Sequence[int], found)

    def are_without_text(self) -> RowPlaces:
        """For each record whether its caption has not a letter, and not a blank."""
        import pyarrow.compute as pc

        found: RowPlaces = pc.binary_length(self.texts.column).to_numpy() == 0
        return found

    def by_length(self, *, longest_first: bool) -> ColumnRecords:
        """By the number of characters of the captions; those as long stay in their order."""
        import numpy
        import pyarrow.compute as pc

        sizes = pc.utf8_length(self.texts.column).to_numpy().astype(numpy.int64)
        return self.at(numpy.argsort(-sizes if longest_first else sizes, kind="stable"))

    def by_number(self, numbers: Sequence[float] | RowPlaces) -> ColumnRecords:
        """By a number for each; those with the same stay in their order."""
        import numpy

        return self.at(numpy.argsort(numpy.asarray(numbers, dtype=float), kind="stable"))

    def by_place_number(self, numbers: Mapping[int, int]) -> ColumnRecords:
        """By a number for some places among all rows, 0 for the others; those with the same stay in their order."""
        import numpy

        every = numpy.zeros(len(self.columns), dtype=numpy.int64)
        every[list(numbers)] = list(numbers.values())
        return self.by_number(every if self.places is None else every[self.places])

    @property
    def size(self) -> int:
        """The bytes of names and captions."""
        import pyarrow.compute as pc

        return sum(pc.sum(pc.binary_length(one.column)).as_py() or 0 for one in (self.names, self.texts))

    def some_texts(self, count: int) -> list[str]:
        """About so many captions that are not empty, from all over."""
        import numpy
        import pyarrow.compute as pc

        filled = numpy.flatnonzero(pc.binary_length(self.texts.column).to_numpy())
        return [self.texts[int(place)] for place in filled[:: max(1, len(filled) // count)]]

    def _none(self) -> RowPlaces:
        import numpy

        return numpy.zeros(0, dtype=bool)


def record_at(columns: RecordColumns, place: int) -> ImageRecord:
    """One record, as it stands there."""
    name, text = columns.name(place), columns.text(place)
    return _row(name, text) if columns.tag_files is None else _image(name, text, columns.tag_files[place])


def _row(name: str, text: str) -> ImageRecord:
    return RowRecord(name, text=text, state=SidecarState.TEXT if text else SidecarState.MISSING)


def _image(name: str, text: str, standing: TagFileStanding) -> ImageRecord:
    suffix, state, shared = standing
    return ImageRecord(name, suffix, text, state, shared)
