"""Captions in Arrow made ready for searching: behind the face of a haystack, without an object for any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.column_texts import BLOCK, ColumnTexts, taken
from lib.domain import ImageRecord
from lib.keywords.folding import fold
from lib.keywords.haystack import Haystack
from lib.record_blocks import RecordColumns
from lib.record_columns import ColumnRecords
from lib.text import clip_tokens

if TYPE_CHECKING:
    import pyarrow

    from lib.column_texts import RowPlaces

Facts = Mapping[str, Callable[[Sequence[ImageRecord]], Sequence[Any]]]


class ColumnHaystack(Haystack):
    """A haystack of records that are made when they are asked for. An edit has only its block folded again."""

    records: ColumnRecords  # type: ignore[assignment]

    def __init__(
        self, records: ColumnRecords, earlier: Haystack | None, tokenizer: Path | None, facts: Facts | None
    ) -> None:
        self.records = records
        self._facts = facts or {}
        self._known = {}
        self._tokenizer = tokenizer
        # Of some rows only, the captions are put together anew.
        self._columns = (
            records.columns if records.places is None else RecordColumns.of(records.names.column, records.texts.column)
        )
        before: dict[int, pyarrow.Array] = {}
        self._counted: dict[int, list[int]] = {}
        if isinstance(earlier, ColumnHaystack) and len(earlier) == len(self):
            before = {id(block): folded for block, folded in zip(earlier._columns.blocks, earlier._blocks, strict=True)}
            same = zip(earlier._columns.blocks, self._columns.blocks, strict=True)
            kept = {number for number, (old, new) in enumerate(same) if old is new}
            self._counted = {number: counts for number, counts in earlier._counted.items() if number in kept}
        self._blocks: list[pyarrow.Array] = [
            before[id(block)] if id(block) in before else _folded(block) for block in self._columns.blocks
        ]

    def __len__(self) -> int:
        return len(self.records)

    @property
    def column(self) -> pyarrow.ChunkedArray:
        """The folded captions."""
        import pyarrow

        return pyarrow.chunked_array(self._blocks, pyarrow.large_string())

    def taken(self, places: RowPlaces) -> pyarrow.ChunkedArray:
        """The folded captions at some places."""
        return taken(self._blocks, places)

    @cached_property
    def folded(self) -> Sequence[str]:  # type: ignore[override]
        return ColumnTexts(self.column)

    @cached_property
    def names(self) -> Sequence[str]:  # type: ignore[override]
        return _Folded(self.records.names, lambda name: fold(name.rpartition("/")[2]))

    @cached_property
    def folders(self) -> Sequence[str]:  # type: ignore[override]
        return _Folded(self.records.names, lambda name: fold(name.rpartition("/")[0]))

    def text(self, place: int) -> str:
        return self.records.texts[place]

    def pick(self, places: Sequence[int]) -> Sequence[ImageRecord]:
        return self.records if len(places) == len(self) else self.records.at(places)

    def holding(self, letters: str) -> RowPlaces:
        """For each caption whether it holds folded letters."""
        import pyarrow.compute as pc

        found: RowPlaces = pc.match_substring(self.column, letters).to_numpy()
        return found

    @property
    def uncounted(self) -> int:
        counted = sum(len(counts) for counts in self._counted.values())
        return len(self) - counted

    def tokens(self, place: int) -> int:
        number, inside = divmod(place, BLOCK)
        counts = self._counted.get(number)
        if counts is None:
            texts = self._columns.blocks[number].to_pylist()
            counts = self._counted[number] = [clip_tokens(text, self._tokenizer)[0] for text in texts]
        return counts[inside]


class _Folded(Sequence[str]):
    def __init__(self, texts: ColumnTexts, how: Callable[[str], str]) -> None:
        self._texts, self._how = texts, how

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, at: Any) -> Any:
        return self._how(self._texts[at])

    def __iter__(self) -> Iterator[str]:
        return map(self._how, self._texts)


def _folded(block: pyarrow.Array) -> pyarrow.Array:
    """As `fold` does it: letter by letter only where there is more than ASCII."""
    import pyarrow
    import pyarrow.compute as pc

    small = pc.ascii_lower(block)
    strange = pc.invert(pc.string_is_ascii(block))
    if not pc.any(strange).as_py():
        return small
    texts = pyarrow.array([fold(text) for text in block.filter(strange).to_pylist()], pyarrow.large_string())
    return pc.replace_with_mask(small, strange, texts)


def haystack_of(
    records: Sequence[ImageRecord],
    earlier: Haystack | None = None,
    tokenizer: Path | None = None,
    facts: Facts | None = None,
) -> Haystack:
    """A haystack as `Haystack` makes it, by columns where the records are kept so."""
    if isinstance(records, ColumnRecords):
        return ColumnHaystack(records, earlier, tokenizer, facts)
    return Haystack(records, earlier, tokenizer, facts)
