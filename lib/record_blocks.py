"""Names and captions of many images or rows in Arrow, by blocks; of images also how their tag files stand.

Nothing here changes: an edit gives other columns, which share all blocks but those that it touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lib.column_texts import BLOCK, NameOrder, packed_texts
from lib.domain import ImageRecord, SidecarState

if TYPE_CHECKING:
    import pyarrow

    from lib.column_texts import RowPlaces

TagFileStanding = tuple[str, SidecarState, bool]
"""How one image's tag file stands: its suffix, its state, and whether another image shares it."""


def standing_of(record: ImageRecord) -> TagFileStanding:
    return record.suffix, record.state, record.shared


def is_problem(standing: TagFileStanding) -> bool:
    """Whether it cannot be edited: another image shares it and nobody has settled that, or it is not text."""
    _, state, is_shared = standing
    return is_shared or state is SidecarState.UNDECODABLE


@dataclass(frozen=True, eq=False)
class TagFileColumn:
    """How the tag file of each image stands: few of all combinations occur, so a small number for each says it.

    `codes` (uint16): the places of their standings among `kinds`. `turns` (uint32): how often each record was put in
    the place of another, so that two moments are told apart also where a record is again what it was.
    """

    codes: RowPlaces
    kinds: tuple[TagFileStanding, ...]
    turns: RowPlaces

    @classmethod
    def of(cls, records: Sequence[ImageRecord]) -> TagFileColumn:
        import numpy

        known: dict[TagFileStanding, int] = {}
        numbers = (known.setdefault(standing_of(record), len(known)) for record in records)
        codes = numpy.fromiter(numbers, numpy.uint16, len(records))
        return cls(codes, tuple(known), numpy.zeros(len(records), numpy.uint32))

    @classmethod
    def joined(cls, columns: Iterable[TagFileColumn]) -> TagFileColumn:
        """One behind the other."""
        import numpy

        known: dict[TagFileStanding, int] = {}
        codes, turns = [numpy.zeros(0, numpy.uint16)], [numpy.zeros(0, numpy.uint32)]
        for one in columns:
            numbers = [known.setdefault(kind, len(known)) for kind in one.kinds]
            codes.append(numpy.array(numbers, numpy.uint16)[one.codes])
            turns.append(one.turns)
        return cls(numpy.concatenate(codes), tuple(known), numpy.concatenate(turns))

    def at(self, places: RowPlaces | slice) -> TagFileColumn:
        """Those at some places, in that order."""
        return TagFileColumn(self.codes[places], self.kinds, self.turns[places])

    def __getitem__(self, place: int) -> TagFileStanding:
        return self.kinds[self.codes[place]]

    def __iter__(self) -> Iterator[TagFileStanding]:
        return map(self.kinds.__getitem__, self.codes.tolist())

    def are(self, test: Callable[[TagFileStanding], bool]) -> RowPlaces:
        """For each whether its standing is one of those that are meant."""
        import numpy

        found: RowPlaces = numpy.array([test(kind) for kind in self.kinds], dtype=bool)[self.codes]
        return found

    def with_standings(self, changes: Mapping[int, TagFileStanding]) -> TagFileColumn:
        """The same where records at some places were replaced."""
        known = {kind: number for number, kind in enumerate(self.kinds)}
        codes, turns, places = self.codes.copy(), self.turns.copy(), list(changes)
        codes[places] = [known.setdefault(kind, len(known)) for kind in changes.values()]
        turns[places] += 1
        return TagFileColumn(codes, tuple(known), turns)


@dataclass(frozen=True, eq=False)
class RecordColumns:
    """The names and captions of all rows. `names` are large strings, each once; a caption that is not there is "".

    `tag_files`: of images that have or could have one; None for rows of a table.
    """

    names: pyarrow.Array
    blocks: tuple[pyarrow.Array, ...]
    order: NameOrder = field(repr=False)
    tag_files: TagFileColumn | None = None

    @classmethod
    def of(
        cls, names: pyarrow.Array, texts: pyarrow.ChunkedArray, tag_files: TagFileColumn | None = None
    ) -> RecordColumns:
        """`texts`: large strings without nulls, one a name."""
        import pyarrow

        blocks = []
        for start in range(0, len(texts), BLOCK):
            pieces = texts.slice(start, BLOCK).chunks
            blocks.append(pieces[0] if len(pieces) == 1 else pyarrow.concat_arrays(pieces))
        return cls(names, tuple(blocks), NameOrder(names), tag_files)

    @classmethod
    def of_images(cls, records: Sequence[ImageRecord]) -> RecordColumns:
        """What is in the records of a folder's images."""
        names = packed_texts([record.name for record in records]).chunk(0)
        return cls.of(names, packed_texts([record.text for record in records]), TagFileColumn.of(records))

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
        by_block: dict[int, dict[int, str]] = {}
        for place, text in changes.items():
            by_block.setdefault(place // BLOCK, {})[place % BLOCK] = text
        blocks = list(self.blocks)
        for number, inside in by_block.items():
            blocks[number] = _with_some(blocks[number], inside)
        return replace(self, blocks=tuple(blocks))

    def with_images(self, changes: Mapping[int, ImageRecord]) -> RecordColumns:
        """The same with other records of images at some places, of the same names or of new ones."""
        if self.tag_files is None:
            raise TypeError("Rows of a table have no tag files.")
        standings = {place: standing_of(record) for place, record in changes.items()}
        changed = replace(
            self.with_texts({place: record.text for place, record in changes.items()}),
            tag_files=self.tag_files.with_standings(standings),
        )
        renamed = {place: changes[place].name for place in changes if changes[place].name != self.name(place)}
        if not renamed:
            return changed
        names = _with_some(self.names, renamed)
        return replace(changed, names=names, order=NameOrder(names))

    def changed_since(self, earlier: RecordColumns) -> Iterator[int]:
        """The places whose captions are others than they were. Both are of the same rows."""
        import numpy
        import pyarrow.compute as pc

        for number, (old, new) in enumerate(zip(earlier.blocks, self.blocks, strict=True)):
            if old is not new:
                found = numpy.flatnonzero(pc.not_equal(old, new).to_numpy(zero_copy_only=False))
                yield from (number * BLOCK + found).tolist()


def _with_some(texts: pyarrow.Array, changes: Mapping[int, str]) -> pyarrow.Array:
    """The same large strings with others at some places."""
    import numpy
    import pyarrow
    import pyarrow.compute as pc

    mask = numpy.zeros(len(texts), dtype=bool)
    mask[list(changes)] = True
    new = pyarrow.array([changes[place] for place in sorted(changes)], pyarrow.large_string())
    return pc.replace_with_mask(texts, pyarrow.array(mask), new)
