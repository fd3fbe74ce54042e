"""Captions made ready for searching, once for all queries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from lib.domain import ImageRecord
from lib.keywords.folding import fold
from lib.text import clip_tokens


class Haystack:
    """Records with their captions folded. Safe to share between threads: what it holds does not change.

    With `earlier`, the haystack of the same folder before some captions changed, only those are folded again.
    `tokenizer`: the folder of CLIP's own tokenizer, for exact counts of tokens. `facts`: what else can be known of
    records, by name; each is asked for once, and gives one value for each of them.
    """

    def __init__(
        self,
        records: Sequence[ImageRecord],
        earlier: Haystack | None = None,
        tokenizer: Path | None = None,
        facts: Mapping[str, Callable[[Sequence[ImageRecord]], Sequence[Any]]] | None = None,
    ) -> None:
        self.records = list(records)
        self._facts = facts or {}
        self._known: dict[str, Sequence[Any]] = {}
        self._tokenizer = tokenizer
        if earlier is None or len(earlier.records) != len(self.records):
            self.folded = [fold(record.text) for record in self.records]
            self._tokens: list[int | None] = [None] * len(self.records)
            return
        same = [new is old for new, old in zip(self.records, earlier.records, strict=True)]
        self.folded = [
            folded if kept else fold(record.text)
            for kept, folded, record in zip(same, earlier.folded, self.records, strict=True)
        ]
        self._tokens = [count if kept else None for kept, count in zip(same, earlier._tokens, strict=True)]

    def __len__(self) -> int:
        return len(self.records)

    @cached_property
    def names(self) -> list[str]:
        """The folded file name of each image, without its folder."""
        return [fold(record.name.rpartition("/")[2]) for record in self.records]

    @cached_property
    def folders(self) -> list[str]:
        """The folded folder of each image, "" for the root."""
        return [fold(record.name.rpartition("/")[0]) for record in self.records]

    def text(self, place: int) -> str:
        """One caption as it is written."""
        return self.records[place].text

    def pick(self, places: Sequence[int]) -> Sequence[ImageRecord]:
        """The records at some places, in that order."""
        return [self.records[place] for place in places]

    def known(self, fact: str) -> Sequence[Any]:
        """What is known of each record under a name: None for all where nobody knows. Raises what `facts` raises."""
        if fact not in self._known:
            find = self._facts.get(fact)
            self._known[fact] = find(self.records) if find is not None else [None] * len(self.records)
        return self._known[fact]

    @property
    def uncounted(self) -> int:
        """In how many captions nobody has counted the tokens yet."""
        return self._tokens.count(None)

    def tokens(self, place: int) -> int:
        """CLIP tokens of one caption, counted at the first question."""
        count = self._tokens[place]
        if count is None:
            count = self._tokens[place] = clip_tokens(self.records[place].text, self._tokenizer)[0]
        return count
