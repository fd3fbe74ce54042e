"""Which captions a query is true of, and where in a caption its keywords stand.

A query is worked out part by part over all captions, not caption by caption: each pass is one short loop, and looks
only at the captions that the parts before it left open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import assert_never

import regex as patterns

from lib.find import Allowance, Find, Search
from lib.keywords.base import And, Field, Node, Not, Or, Pattern, Starred, Term, Words
from lib.keywords.folding import Folded, fold
from lib.keywords.haystack import Haystack

# Variation selectors and joiners are parts of a word behind its letters, and parts of an emoji anywhere else.
_START = r"(?<![^\W\p{M}\u200c\u200d][\p{M}\u200c\u200d]*)"


def find(node: Node, haystack: Haystack, among: Sequence[int], allowance: Allowance) -> Sequence[int]:
    """The places among `among` that the node is true of, in the same order.

    Raises InvalidInput where its patterns together take longer than they are allowed.
    """
    match node:
        case Not(part):
            out = set(find(part, haystack, among, allowance))
            return [place for place in among if place not in out]
        case And(parts):
            for part in sorted(parts, key=cost):
                among = find(part, haystack, among, allowance)
            return among
        case Or(parts):
            found: set[int] = set()
            for part in sorted(parts, key=cost):
                found.update(find(part, haystack, [place for place in among if place not in found], allowance))
            return [place for place in among if place in found]
        case _:
            return _find_term(node, haystack, among, allowance)


def cost(node: Node) -> int:
    """Cheap parts first, so that the dear ones have few captions left to look at."""
    match node:
        case Words():
            return 0
        case Pattern():
            return 3
        case Field():
            return node.cost
        case And(parts) | Or(parts):
            return max(map(cost, parts))
        case Not(part):
            return cost(part)
        case _:
            return 1


def _find_term(term: Term, haystack: Haystack, among: Sequence[int], allowance: Allowance) -> list[int]:
    folded, records = haystack.folded, haystack.records
    match term:
        case Words() | Starred():
            return _find_words(term, folded, among)
        case Pattern():
            search = Search(as_find(term), allowance=allowance)
            return [place for place in among if search.is_in(records[place].text)]
        case Field():
            return term.find(haystack, among)
        case _:
            assert_never(term)


def _find_words(term: Words | Starred, folded: Sequence[str], among: Sequence[int]) -> list[int]:
    # Most captions do not hold the letters, and `in` tells it twenty times as fast as a pattern.
    letters = longest_letters(term)
    found = [place for place in among if letters in folded[place]]
    if isinstance(term, Words) and not term.whole:
        return found
    search = pattern_of(term).search
    return [place for place in found if search(folded[place])]


def longest_letters(term: Words | Starred) -> str:
    """Folded letters that every caption holds in which the keyword stands."""
    return fold(term.text) if isinstance(term, Words) else max(fold(term.text).split("*"), key=len)


@lru_cache(maxsize=256)
def pattern_of(term: Words | Starred) -> patterns.Pattern[str]:
    """The pattern of a keyword in folded text."""
    if isinstance(term, Words):
        letters = patterns.escape(fold(term.text))
        return patterns.compile(rf"{_START}{letters}(?!\w)" if term.whole else letters)
    first, *middle, last = map(patterns.escape, fold(term.text).split("*"))
    # The first place of a middle piece is as good as any later one, so there is nothing to go back for: a row of
    # stars takes time in proportion to the text.
    gaps = "".join(rf"(?>\w*?{piece})" for piece in middle if piece)
    return patterns.compile(rf"{_START}{first}{gaps}\w*{last}(?!\w)")


def as_find(term: Pattern) -> Find:
    """What a pattern looks for."""
    return Find(term.text, regex=True, ignore_case=True, whole_word=term.whole)


def spans(terms: Sequence[Term], text: str, allowance: Allowance) -> list[tuple[int, int]]:
    """Start and end of every hit in a caption, from the left, those that overlap or touch made one."""
    folded = Folded(text)
    joined: list[tuple[int, int]] = []
    for start, end in sorted(span for term in terms for span in _hits(term, text, folded, allowance)):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _hits(term: Term, text: str, folded: Folded, allowance: Allowance) -> Iterator[tuple[int, int]]:
    match term:
        case Words() | Starred():
            for hit in pattern_of(term).finditer(folded.text):
                yield folded.written(*hit.span())
        case Pattern():
            matches = Search(as_find(term), allowance=allowance).matches(text)
            yield from (match.span() for match in matches if match.end() > match.start())
        case Field():
            yield from term.hits(text)
