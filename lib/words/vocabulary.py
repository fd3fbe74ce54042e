"""Which tags or words a dataset holds, with counts that follow every edit."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Literal

from lib.dataset.base import Dataset
from lib.text import looks_like_tags, split_tags, words
from lib.words.stop_words import stop_words

_SAMPLED_CAPTIONS = 300


class Vocabulary:
    """Tags (or frequent words, where captions are sentences) of one dataset.

    Counts everything once; afterwards `refresh` looks only at captions that changed since the last call, about 5 ms
    for 100,000 images. Holds no dataset, so an opened folder can be let go.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._version: tuple[int, int] | None = None
        self._texts: list[str] = []
        self._counts: Counter[str] = Counter()
        self._ranked: list[tuple[str, int]] = []
        self.kind: Literal["tags", "words"] = "words"

    def must_recount(self, dataset: Dataset) -> bool:
        """True where `refresh` would have to count every caption (about a second for 100,000)."""
        return self._version is None or len(self._texts) != len(dataset.records)

    def refresh(self, dataset: Dataset) -> None:
        """Bring the counts up to the dataset's present captions."""
        with self._lock:
            version = (id(dataset), dataset.version)
            # A folder that was let go may have had the same id.
            if version == self._version and not self.must_recount(dataset):
                return
            texts = [record.text for record in dataset.records]
            kind = _kind_of(texts)
            if self.must_recount(dataset) or kind != self.kind:
                self.kind = kind
                self._counts = Counter(term for text in texts for term in self._terms(text))
            else:
                self._recount_changed(texts)
            self._texts, self._version = texts, version
            counted = [(term, count) for term, count in self._counts.items() if count > 0]
            self._ranked = sorted(counted, key=lambda pair: (-pair[1], pair[0]))

    def _recount_changed(self, texts: list[str]) -> None:
        for old, new in zip(self._texts, texts, strict=True):
            if old is not new and old != new:
                self._counts.subtract(self._terms(old))
                self._counts.update(self._terms(new))

    def top(self, limit: int, contains: str = "") -> list[tuple[str, int]]:
        """The most frequent terms with the number of images that hold them, ties in alphabetical order."""
        needle = contains.strip().casefold()
        with self._lock:
            ranked = self._ranked
        if not needle:
            return ranked[:limit]
        return list(islice((pair for pair in ranked if needle in pair[0].casefold()), limit))

    @property
    def distinct(self) -> int:
        return len(self._ranked)

    def _terms(self, text: str) -> set[str]:
        if self.kind == "tags":
            return set(split_tags(text))
        return {word for word in map(str.lower, words(text)) if len(word) > 1} - stop_words()


def _kind_of(texts: Sequence[str]) -> Literal["tags", "words"]:
    """What most of the captions look like, judged by some of them from all over the dataset."""
    tagged = [text for text in texts if text]
    sample = tagged[:: max(1, len(tagged) // _SAMPLED_CAPTIONS)]
    as_tags = sum(looks_like_tags(text) for text in sample)
    return "tags" if as_tags * 2 > len(sample) else "words"
