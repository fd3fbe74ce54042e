"""A column of strings in Arrow as a sequence of Python's, without an object for any of them that nobody looks at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), BLOCK):
            yield from self.column.slice(start, BLOCK).to_pylist()
