"""What captions say often, rarely, and never together. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lib.bulk.tag_text import all_tags
from lib.domain import ImageRecord
from lib.text import looks_like_tags, words
from lib.words.stop_words import stop_words

if TYPE_CHECKING:
    import numpy as np

_MOST_TERMS = 200
"""So many of the commonest terms are looked at in pairs."""
_EXPECTED = 8.0
"""Captions that would have both of two terms by chance; where none has, that is no chance (1 in 3,000)."""
_VOWELS = str.maketrans("", "", "aeiou")


@dataclass(frozen=True, slots=True)
class Apart:
    """Two terms that no caption has together, though by chance `expected` would."""

    first: str
    second: str
    expected: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """What captions say: tags, or words without stop words, in small letters.

    `counts` are the captions that a term is in, the commonest first. `where` holds the names of their images.
    """

    captions: int = 0
    are_tags: bool = False
    counts: tuple[tuple[str, int], ...] = ()
    apart: tuple[Apart, ...] = ()
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def in_most(self, share: float) -> list[tuple[str, int]]:
        """The terms that more than this share of the captions have."""
        return [(term, count) for term, count in self.counts if count > share * self.captions]

    def in_few(self, most: int = 1) -> list[tuple[str, int]]:
        """The terms that no more than `most` captions have, by the alphabet."""
        return sorted((term, count) for term, count in self.counts if count <= most)


def coverage_of(records: Iterable[ImageRecord], without: Iterable[str] = ()) -> Coverage:
    """What captions say. `without`: terms that count for nothing, as a trigger word."""
    captioned = [record for record in records if record.is_tagged]
    if not captioned:
        return Coverage()
    are_tags = 2 * sum(looks_like_tags(record.text) for record in captioned) > len(captioned)
    ignored = {term.casefold() for term in without}
    where: defaultdict[str, list[str]] = defaultdict(list)
    rows = []
    for record in captioned:
        terms = _terms(record.text, are_tags) - ignored
        rows.append(terms)
        for term in terms:
            where[term].append(record.name)
    counts = sorted(((term, len(names)) for term, names in where.items()), key=lambda pair: (-pair[1], pair[0]))
    apart = _never_together(rows, counts[:_MOST_TERMS])
    return Coverage(len(rows), are_tags, tuple(counts), apart, {term: tuple(names) for term, names in where.items()})


def _terms(text: str, are_tags: bool) -> set[str]:
    if are_tags:
        return {tag.casefold().replace("_", " ") for tag in all_tags(text)}
    return {word for word in map(str.casefold, words(text)) if len(word) > 2} - stop_words()


def _never_together(rows: Sequence[set[str]], counts: Sequence[tuple[str, int]]) -> tuple[Apart, ...]:
    import numpy as np

    chosen = [(term, count) for term, count in counts if count < len(rows)]
    if len(chosen) < 2:
        return ()
    places = {term: place for place, (term, _) in enumerate(chosen)}
    table: np.ndarray = np.zeros((len(rows), len(chosen)), np.float32)
    for number, terms in enumerate(rows):
        for term in terms & places.keys():
            table[number, places[term]] = 1
    together = table.T @ table
    alone = np.array([count for _, count in chosen], float)
    expected = np.outer(alone, alone) / len(rows)
    found = [
        Apart(chosen[one][0], chosen[other][0], round(float(expected[one, other]), 1))
        for one, other in zip(*np.nonzero(np.triu((together == 0) & (expected >= _EXPECTED), 1)), strict=True)
        # One is often but the other, written otherwise: "man" and "men".
        if not _is_form_of(chosen[one][0], chosen[other][0])
    ]
    return tuple(sorted(found, key=lambda pair: -pair.expected))


def _is_form_of(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one) or one.translate(_VOWELS) == other.translate(_VOWELS)
