"""Which captions a query is true of, where they lie in Arrow: letters are looked for in all captions at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, assert_never

from lib.find import Allowance, Search
from lib.keywords.base import And, Field, Node, Not, Or, Pattern, Starred, Term, Words
from lib.keywords.column_haystack import ColumnHaystack
from lib.keywords.folding import fold
from lib.keywords.matching import as_find, cost, longest_letters, pattern_of

if TYPE_CHECKING:
    from lib.column_texts import RowPlaces


def find(node: Node, haystack: ColumnHaystack, among: Sequence[int], allowance: Allowance) -> Sequence[int]:
    """As `lib.keywords.matching.find`: the places among `among`, which rise, that the node is true of."""
    import numpy

    places = numpy.arange(len(haystack)) if isinstance(among, range) else numpy.asarray(among, dtype=numpy.int64)
    return _find(node, haystack, places, allowance)  # type: ignore[return-value]


def _find(node: Node, haystack: ColumnHaystack, places: RowPlaces, allowance: Allowance) -> RowPlaces:
    import numpy

    match node:
        case Not(part):
            return numpy.setdiff1d(places, _find(part, haystack, places, allowance), assume_unique=True)
        case And(parts):
            for part in sorted(parts, key=cost):
                places = _find(part, haystack, places, allowance)
            return places
        case Or(parts):
            found: list[RowPlaces] = []
            for part in sorted(parts, key=cost):
                found.append(_find(part, haystack, places, allowance))
                places = numpy.setdiff1d(places, found[-1], assume_unique=True)
            return numpy.sort(numpy.concatenate(found))
        case _:
            return _find_term(node, haystack, places, allowance)


def _find_term(term: Term, haystack: ColumnHaystack, places: RowPlaces, allowance: Allowance) -> RowPlaces:
    import numpy

    match term:
        case Words() | Starred():
            return _find_words(term, haystack, places)
        case Pattern():
            search, texts = Search(as_find(term), allowance=allowance), haystack.records.texts
            return numpy.asarray([place for place in places.tolist() if search.is_in(texts[place])], dtype=numpy.int64)
        case Field():
            if term.letters:
                places = places[haystack.holding(term.letters)[places]]
            return numpy.asarray(term.find(haystack, places.tolist()), dtype=numpy.int64)
        case _:
            assert_never(term)


def _find_words(term: Words | Starred, haystack: ColumnHaystack, places: RowPlaces) -> RowPlaces:
    import numpy
    import pyarrow.compute as pc

    places = places[haystack.holding(longest_letters(term))[places]]
    if (isinstance(term, Words) and not term.whole) or not len(places):
        return places
    texts = haystack.taken(places)
    # Arrow's patterns know letters of ASCII alone, and ours take twenty times as long.
    plain = pc.string_is_ascii(texts).to_numpy()
    fits = pc.match_substring_regex(texts, _ascii_pattern(term)).to_numpy() & plain
    search, folded = pattern_of(term).search, haystack.folded
    strange = [at for at in numpy.flatnonzero(~plain).tolist() if search(folded[int(places[at])])]
    fits[strange] = True
    found: RowPlaces = places[fits]
    return found


def _ascii_pattern(term: Words | Starred) -> str:
    r"""The keyword in text of ASCII, for RE2: \w, and what stands beside a word, are letters of ASCII there."""
    if isinstance(term, Words):
        return rf"(?:^|\W){_escaped(fold(term.text))}(?:\W|$)"
    first, *middle, last = (_escaped(piece) for piece in fold(term.text).split("*"))
    gaps = "".join(rf"\w*?{piece}" for piece in middle if piece)
    return rf"(?:^|\W){first}{gaps}\w*{last}(?:\W|$)"


def _escaped(text: str) -> str:
    return re.sub(r"([^\w\s])", r"\\\1", text, flags=re.ASCII) if text.isascii() else r"[^\s\S]"
