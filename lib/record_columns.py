"""Records that are made when they are asked for, from columns in Arrow: a million take 100 MB, where objects take 600.

Nothing here changes: an edit gives other columns, which share all blocks but those that it touched. So whoever keeps
records from before can tell what is another by now, and a page's copy costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast, overload

from lib.column_texts import BLOCK, ColumnTexts, NameOrder, taken
from lib.domain import ImageRecord, SidecarState

if TYPE_CHECKING:
    import pyarrow

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


@dataclass(frozen=True, eq=False)
class RecordColumns:
    """The names and captions of all rows. `names` are large strings, each once; a caption that is not there is ""."""

    names: pyarrow.Array
    blocks: tuple[pyarrow.Array, ...]
    order: NameOrder = field(repr=False)

    @classmethod
    def of(cls, names: pyarrow.Array, texts: pyarrow.ChunkedArray) -> RecordColumns:
        """`texts`: large strings without nulls, one a name."""
        import pyarrow

        blocks = []
        for start in range(0, len(texts), BLOCK):
            pieces = texts.slice(start, BLOCK).chunks
            blocks.append(pieces[0] if len(pieces) == 1 else pyarrow.concat_arrays(pieces))
        return cls(names, tuple(blocks), NameOrder(names))

    def __len__(self) -> int:
        return len(self.names)

    def find(self, name: str) -> int | None:
        """The place of a row, from 0."""
        return self.order.find(name)

    def name(self, place: int) -> str:
        return str(self.names[place].as_py())

    def text(self, place: int) -> str:
        return str(self.blocks[place // BLOCK][place % BLOCK].as_py())

    def texts(self) -> pyarrow.ChunkedArray:
        import pyarrow

        return pyarrow.chunked_array(self.blocks, pyarrow.large_string())

    def with_texts(self, changes: Mapping[int, str]) -> RecordColumns:
        """The same with other captions at some places."""
        import numpy
        import pyarrow
        import pyarrow.compute as pc

        by_block: dict[int, dict[int, str]] = {}
        for place, text in changes.items():
            by_block.setdefault(place // BLOCK, {})[place % BLOCK] = text
        blocks = list(self.blocks)
        for number, inside in by_block.items():
            mask = numpy.zeros(len(blocks[number]), dtype=bool)
            mask[list(inside)] = True
            texts = pyarrow.array([inside[place] for place in sorted(inside)], pyarrow.large_string())
            blocks[number] = pc.replace_with_mask(blocks[number], pyarrow.array(mask), texts)
        return RecordColumns(self.names, tuple(blocks), self.order)

    def changed_since(self, earlier: RecordColumns) -> Iterator[int]:
        """The places whose captions are others than they were. Both are of the same rows."""
        import numpy
        import pyarrow.compute as pc

        for number, (old, new) in enumerate(zip(earlier.blocks, self.blocks, strict=True)):
            if old is not new:
                found = numpy.flatnonzero(pc.not_equal(old, new).to_numpy(zero_copy_only=False))
                yield from (number * BLOCK + found).tolist()


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
            return ColumnRecords(
                self.columns, numpy.arange(*at.indices(len(self))) if self.places is None else self.places[at]
            )
        at = range(len(self))[at]
        place = at if self.places is None else int(self.places[at])
        return _record(self.columns.name(place), self.columns.text(place))

    def __iter__(self) -> Iterator[ImageRecord]:
        return map(_record, self.names, self.texts)

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
        return self.columns.text(place) == record.text and (self.places is None or place in self.places)

    @cached_property
    def names(self) -> ColumnTexts:
        """The names alone."""
        import pyarrow

        names = self.columns.names
        return ColumnTexts(pyarrow.chunked_array([names if self.places is None else names.take(self.places)]))

    @cached_property
    def texts(self) -> ColumnTexts:
        """The captions alone."""
        columns = self.columns
        return ColumnTexts(columns.texts() if self.places is None else taken(columns.blocks, self.places))

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
        masks = [pc.greater(length, 0).to_numpy(zero_copy_only=False) for length in lengths]
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


def _record(name: str, text: str) -> ImageRecord:
    return RowRecord(name, text=text, state=SidecarState.TEXT if text else SidecarState.MISSING)
