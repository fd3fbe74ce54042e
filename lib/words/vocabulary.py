"""Which tags or words a dataset holds, with counts that follow every edit."""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Literal

from lib.dataset.base import Dataset
from lib.domain import ImageRecord
from lib.records import changes_between, some_texts, texts_of
from lib.text import looks_like_tags, split_tags, words
from lib.words.stop_words import stop_words

_SAMPLED_CAPTIONS = 300
_JUDGED_AGAIN_AT = 20
"""Where one in so many captions has changed, they are looked at again: are they tags?"""

_FEW = 200
"""Up to so many terms find their new place one by one; for more, all are sorted anew."""

_Ranked = list[tuple[str, int]]


class Vocabulary:
    """Tags (or frequent words, where captions are sentences) of one dataset.

    Counts everything once; afterwards `refresh` looks only at captions that changed since the last call.
    Holds no dataset, so an opened folder can be let go.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._version: tuple[int, int] | None = None
        self._records: Sequence[ImageRecord] = []
        self._counts: Counter[str] = Counter()
        self._ranked: _Ranked = []
        # A page asks for the same in each of its runs, and 100,000 tags take 10 ms.
        self._found: tuple[_Ranked, tuple[int, str], _Ranked] = ([], (0, ""), [])
        self._changed = 0
        """Records that changed since the kind was judged."""
        self.kind: Literal["tags", "words"] = "words"

    def must_recount(self, dataset: Dataset) -> bool:
        """True where `refresh` would have to count every caption (about a second for 100,000)."""
        return self._version is None or len(self._records) != len(dataset.records)

    def refresh(self, dataset: Dataset, *, within: float = -1) -> None:
        """Bring the counts up to the dataset's present captions.

        `within`: seconds that it may wait while somebody else does so, whose counts are then taken as they are; without
        it, as long as it takes.
        """
        if self._is_current(dataset) or not self._lock.acquire(timeout=within):
            return
        try:
            if self._is_current(dataset):
                return
            version, records = (id(dataset), dataset.version), dataset.snapshot()
            changed = None if self._version is None else changes_between(self._records, records)
            if changed is None:
                self._count(records, _kind_of(records))
            else:
                self._follow(records, changed)
            self._records, self._version = records, version
        finally:
            self._lock.release()

    def _is_current(self, dataset: Dataset) -> bool:
        # A folder that was let go may have had the same id.
        return self._version == (id(dataset), dataset.version) and not self.must_recount(dataset)

    def _follow(self, records: Sequence[ImageRecord], changed: list[tuple[ImageRecord, ImageRecord]]) -> None:
        self._changed += len(changed)
        # A few captions do not make tags of words.
        if self._changed * _JUDGED_AGAIN_AT > len(records) and (kind := _kind_of(records)) != self.kind:
            self._count(records, kind)
        else:
            self._recount(changed)

    def _count(self, records: Sequence[ImageRecord], kind: Literal["tags", "words"]) -> None:
        self.kind, self._changed = kind, 0
        self._counts = Counter(term for text in texts_of(records) for term in self._terms(text))
        self._ranked = sorted(self._counts.items(), key=_rank)

    def _recount(self, changed: list[tuple[ImageRecord, ImageRecord]]) -> None:
        difference: Counter[str] = Counter()
        for old, new in changed:
            if old.text != new.text:
                difference.subtract(self._terms(old.text))
                difference.update(self._terms(new.text))
        before = {term: self._counts[term] for term, more in difference.items() if more}
        for term in before:
            self._counts[term] += difference[term]
            if not self._counts[term]:
                del self._counts[term]
        self._rank_again(before)

    def _rank_again(self, before: dict[str, int]) -> None:
        """`before`: what the terms counted whose count is another now."""
        if len(before) > _FEW:
            self._ranked = sorted(self._counts.items(), key=_rank)
            return
        # Another list each time: who asks for the top has the former one in hand.
        ranked = self._ranked.copy()
        for term, count in before.items():
            if count:
                del ranked[bisect_left(ranked, _rank((term, count)), key=_rank)]
            if now := self._counts[term]:
                insort(ranked, (term, now), key=_rank)
        self._ranked = ranked

    def top(self, limit: int, contains: str = "") -> list[tuple[str, int]]:
        """The most frequent terms with the number of images that hold them, ties in alphabetical order."""
        needle = contains.strip().casefold()
        # Another list after each change, so that it needs no lock: a page would wait while others' edits are counted.
        ranked = self._ranked
        if not needle:
            return ranked[:limit]
        for_list, asked, found = self._found
        if for_list is not ranked or asked != (limit, needle):
            found = list(islice((pair for pair in ranked if needle in pair[0].casefold()), limit))
            self._found = ranked, (limit, needle), found
        return found

    @property
    def distinct(self) -> int:
        return len(self._ranked)

    def _terms(self, text: str) -> set[str]:
        if self.kind == "tags":
            return set(split_tags(text))
        return {word for word in map(str.lower, words(text)) if len(word) > 1} - stop_words()


def _rank(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _kind_of(records: Sequence[ImageRecord]) -> Literal["tags", "words"]:
    """What most of the captions look like, judged by some of them from all over the dataset."""
    sample = some_texts(records, _SAMPLED_CAPTIONS)
    as_tags = sum(looks_like_tags(text) for text in sample)
    return "tags" if as_tags * 2 > len(sample) else "words"
