"""A column of strings in Arrow as a sequence of Python's, without an object for any of them that nobody looks at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    import numpy
    import pyarrow

    RowPlaces = numpy.ndarray[Any, Any]
    """Places among rows, as whole numbers."""

BLOCK = 8_192
"""Rows whose captions lie together. An edit of one copies so many."""


def taken(blocks: Sequence[pyarrow.Array], places: RowPlaces) -> pyarrow.ChunkedArray:
    """The texts at some places of blocks, in their order. Arrow's own way copies all blocks first."""
    import numpy
    import pyarrow

    text = pyarrow.large_string()
    if not len(places):
        return pyarrow.chunked_array([], text)
    numbers = places // BLOCK
    order = numpy.argsort(numbers, kind="stable")
    present, starts = numpy.unique(numbers[order], return_index=True)
    inside = numpy.split(places[order] % BLOCK, starts[1:])
    pieces = [blocks[number].take(pyarrow.array(rows)) for number, rows in zip(present.tolist(), inside, strict=True)]
    if (order[:-1] < order[1:]).all():
        return pyarrow.chunked_array(pieces, text)
    back = numpy.empty(len(order), dtype=numpy.int64)
    back[order] = numpy.arange(len(order))
    return pyarrow.chunked_array([pyarrow.concat_arrays(pieces).take(pyarrow.array(back))], text)


def packed_texts(texts: Sequence[str]) -> pyarrow.ChunkedArray:
    """Large strings. `pyarrow.array` would import pandas for it, and its memory goes back late."""
    import numpy
    import pyarrow

    pieces = [text.encode() for text in texts]
    ends = numpy.zeros(len(pieces) + 1, numpy.int64)
    numpy.cumsum(numpy.fromiter(map(len, pieces), numpy.int64, len(pieces)), out=ends[1:])
    buffers = [None, pyarrow.py_buffer(ends), pyarrow.py_buffer(b"".join(pieces))]
    return pyarrow.chunked_array([pyarrow.Array.from_buffers(pyarrow.large_string(), len(pieces), buffers)])


def texts_at(texts: Sequence[str], places: RowPlaces) -> list[str]:
    """The texts at some places, in that order."""
    return texts.at(places) if isinstance(texts, ColumnTexts) else [texts[place] for place in places.tolist()]


def match_places(some: Sequence[str], texts: Sequence[str]) -> RowPlaces:
    """For each text its place among others that are each there once, -1 where it is not: int64."""
    import numpy

    if not isinstance(some, ColumnTexts) or not isinstance(texts, ColumnTexts):
        places = {text: place for place, text in enumerate(texts)}
        return numpy.fromiter((places.get(text, -1) for text in some), numpy.int64, len(some))
    import pyarrow.compute as pc

    if some.column.equals(texts.column):
        return numpy.arange(len(some))
    if len(some) < len(texts) and pc.count_distinct(some.column).as_py() == len(some):
        # What is looked in is hashed by Arrow: a million names take 60 MB.
        at = pc.index_in(texts.column, value_set=some.column)
        rows: RowPlaces = numpy.full(len(some), -1, numpy.int64)
        rows[at.drop_null().to_numpy()] = numpy.flatnonzero(at.is_valid())
        return rows
    found = pc.fill_null(pc.index_in(some.column, value_set=texts.column), -1)
    return numpy.asarray(found.to_numpy(), numpy.int64)


class ColumnTexts(Sequence[str]):
    """A column of strings, of which only some thousands at a time are Python's."""

    def __init__(self, column: pyarrow.ChunkedArray) -> None:
        self.column = column
        self._near: tuple[int, list[str]] = (-1, [])

    def __len__(self) -> int:
        return len(self.column)

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> ColumnTexts: ...

    def __getitem__(self, at: int | slice) -> str | ColumnTexts:
        if isinstance(at, slice):
            start, stop, step = at.indices(len(self))
            if step == 1:
                return ColumnTexts(self.column.slice(start, max(0, stop - start)))
            return ColumnTexts(self.column.take(list(range(start, stop, step))))
        if at < 0 or at >= len(self.column):
            at = range(len(self))[at]
        number, inside = divmod(at, BLOCK)
        # One value that is kept whole: another thread puts another one in its place.
        held, texts = self._near
        if held != number:
            texts = self.column.slice(number * BLOCK, BLOCK).to_pylist()
            self._near = number, texts
        return texts[inside]

    @classmethod
    def of(cls, texts: Sequence[str]) -> ColumnTexts:
        """Texts as a column; one that is a column stays as it is."""
        import pyarrow

        if isinstance(texts, ColumnTexts):
            return texts
        return cls(pyarrow.chunked_array([pyarrow.array(texts, pyarrow.large_string())]))

    @classmethod
    def unpacked(cls, ends: numpy.ndarray[Any, Any], data: numpy.ndarray[Any, Any]) -> ColumnTexts:
        """What `packed` gave. Raises ValueError where it is damaged."""
        import numpy
        import pyarrow

        ends = numpy.ascontiguousarray(ends, numpy.int64)
        buffers = [None, pyarrow.py_buffer(ends), pyarrow.py_buffer(data)]
        column = pyarrow.Array.from_buffers(pyarrow.large_string(), len(ends) - 1, buffers)
        column.validate(full=True)
        return cls(pyarrow.chunked_array([column]))

    def packed(self) -> tuple[numpy.ndarray[Any, Any], numpy.ndarray[Any, Any]]:
        """Where each text begins, and the last one ends (int64), and the bytes of all."""
        import numpy
        import pyarrow

        chunks = self.column.chunks
        column = chunks[0] if len(chunks) == 1 else pyarrow.concat_arrays(chunks)
        _, ends, data = column.buffers()
        found = numpy.frombuffer(ends, numpy.int64)[column.offset : column.offset + len(column) + 1]
        return found - found[0], numpy.frombuffer(data or b"", numpy.uint8)[found[0] : found[-1]]

    def at(self, places: RowPlaces) -> list[str]:
        """The texts at some places, in that order."""
        import pyarrow

        found: list[str] = self.column.take(pyarrow.array(places)).to_pylist()
        return found

    def find(self, text: str) -> int | None:
        """The first place of a text."""
        import pyarrow.compute as pc

        place = int(pc.index(self.column, text).as_py())
        return place if place >= 0 else None

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), BLOCK):
            yield from self.column.slice(start, BLOCK).to_pylist()


class NameOrder:
    """Finds rows by name. Sorted at the first question."""

    def __init__(self, names: pyarrow.Array) -> None:
        self._names = names

    @cached_property
    def _sorted(self) -> RowPlaces | None:
        """The rows by name, None where they lie so already."""
        import pyarrow.compute as pc

        names = self._names
        if len(names) < 2 or pc.all(pc.less(names[:-1], names[1:])).as_py():
            return None
        found: RowPlaces = pc.sort_indices(names).to_numpy()
        return found

    def find(self, name: str) -> int | None:
        low, high, order, wanted = 0, len(self._names), self._sorted, name.encode("utf-8", "surrogatepass")
        while low < high:
            middle = (low + high) // 2
            place = middle if order is None else int(order[middle])
            # By bytes, as Arrow sorts.
            found = self._names[place].as_buffer().to_pybytes()
            if found == wanted:
                return place
            if found < wanted:
                low = middle + 1
            else:
                high = middle
        return None
