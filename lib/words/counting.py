"""How often each word, pair of words or whole tag stands in captions: the one count that list and picture share."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Literal

from lib.domain import ImageRecord
from lib.records import at_places, texts_of
from lib.text import split_tags, words
from lib.words.stop_words import stop_words

Unit = Literal["words", "pairs", "tags"]


@dataclass(frozen=True, slots=True)
class Counting:
    """What is counted as one and the same.

    `unit`: single words, two words that follow one another, or whole comma-separated tags. `drop_punctuation` cuts
    words out of what surrounds them; without it they are what stands between blanks. `fold_plurals` counts "dogs" as
    "dog" where both occur. A pair with a stop word in it is not counted; of tags, only one that is a stop word itself.
    """

    unit: Unit = "words"
    fold_case: bool = True
    drop_punctuation: bool = True
    fold_plurals: bool = False
    stop: frozenset[str] = field(default_factory=stop_words)

    def terms(self, text: str) -> list[str]:
        """What one caption holds of the unit, before stop words and plurals, as often as it is there."""
        # A letter with its accent is the same however it was typed.
        text = unicodedata.normalize("NFC", text.lower() if self.fold_case else text)
        if self.unit == "tags":
            return split_tags(text)
        single = words(text.replace("’", "'")) if self.drop_punctuation else text.split()
        if self.unit == "pairs":
            return [f"{first} {second}" for first, second in pairwise(single)]
        return single

    def is_stopped(self, term: str) -> bool:
        """True where a term is left out."""
        parts = term.lower().split(" ") if self.unit == "pairs" else [term.lower()]
        return any(part in self.stop for part in parts)


@dataclass(frozen=True, slots=True)
class Counts:
    """Terms with the number of times that they occur, the most frequent first, ties in alphabetical order."""

    counted: Mapping[str, int]
    counting: Counting
    plurals: Mapping[str, str] = field(default_factory=dict)
    """Which terms were counted as another one."""
    samples: Mapping[str, int] = field(default_factory=dict)
    """In how many captions each term is: fewer than it occurs, where one holds it twice."""

    @property
    def total(self) -> int:
        return sum(self.counted.values())

    @property
    def distinct(self) -> int:
        return len(self.counted)

    def top(self, limit: int) -> dict[str, int]:
        """The most frequent terms."""
        return dict(islice(self.counted.items(), limit))

    def forms(self, term: str) -> tuple[str, ...]:
        """A term and those that were counted as it."""
        return term, *(plural for plural, single in self.plurals.items() if single == term)

    def holding(self, term: str, records: Sequence[ImageRecord]) -> Sequence[ImageRecord]:
        """The records that a term was counted in."""
        if term not in self.counted:
            return []
        wanted = set(self.forms(term))
        terms = self.counting.terms
        return at_places(
            records, [place for place, text in enumerate(texts_of(records)) if not wanted.isdisjoint(terms(text))]
        )


def count(texts: Iterable[str], counting: Counting | None = None) -> Counts:
    """The counts of some captions."""
    return count_each([texts], counting)[0]


def count_each(groups: Sequence[Iterable[str]], counting: Counting | None = None) -> list[Counts]:
    """The counts of several groups of captions, alike in what is a plural."""
    counting = counting or Counting()
    raw = [_raw(texts, counting) for texts in groups]
    together = frozenset().union(*(one.times for one in raw))
    plurals = {term: term[:-1] for term in together if _is_plural(term, together)} if counting.fold_plurals else {}
    counted = []
    for one in raw:
        for plural in plurals.keys() & one.times.keys():
            one.times[plurals[plural]] += one.times.pop(plural)
            one.samples[plurals[plural]] += one.samples.pop(plural) - one.beside[plural]
        ranked = sorted(one.times.items(), key=lambda pair: (-pair[1], pair[0]))
        counted.append(Counts(dict(ranked), counting, plurals, one.samples))
    return counted


@dataclass(frozen=True, slots=True)
class _Raw:
    """How often each term occurs, in how many captions it is, and in how many of them a plural is beside its word."""

    times: Counter[str]
    samples: Counter[str]
    beside: Counter[str]


def _raw(texts: Iterable[str], counting: Counting) -> _Raw:
    raw = _Raw(Counter(), Counter(), Counter())
    for text in texts:
        terms = counting.terms(text)
        held = frozenset(terms)
        raw.times.update(terms)
        raw.samples.update(held)
        if counting.fold_plurals:
            raw.beside.update(term for term in held if _is_plural(term, held))
    for term in [term for term in raw.times if counting.is_stopped(term)]:
        del raw.times[term], raw.samples[term]
    return raw


def _is_plural(term: str, terms: frozenset[str]) -> bool:
    # The rule of the wordcloud package: "dogs" where there is a "dog", but not "glass".
    return term.endswith("s") and not term.endswith("ss") and term[:-1] in terms
