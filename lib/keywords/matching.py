"""Which captions a query is true of, and where in a caption its keywords stand.

A query is worked out part by part over all captions, not caption by caption: each pass is one short loop, and looks
only at the captions that the parts before it left open.
"""

from __future__ import annotations

import fnmatch
import operator
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import assert_never

import regex as patterns

from lib.find import Allowance, Find, Search
from lib.keywords.base import And, Node, Not, Or, PathPart, Pattern, Sign, Size, Starred, Tag, Term, Words
from lib.keywords.folding import Folded, fold
from lib.keywords.haystack import Haystack
from lib.text import split_tags

_SIGNS: dict[Sign, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}

# Variation selectors and joiners are parts of a word behind its letters, and parts of an emoji anywhere else.
_START = r"(?<![^\W\p{M}\u200c\u200d][\p{M}\u200c\u200d]*)"
_TAG = re.compile(r"[^,\r\n]+")


def find(node: Node, haystack: Haystack, among: Sequence[int], allowance: Allowance) -> Sequence[int]:
    """The places among `among` that the node is true of, in the same order.

    Raises InvalidInput where its patterns together take longer than they are allowed.
    """
    match node:
        case Not(part):
            out = set(find(part, haystack, among, allowance))
            return [place for place in among if place not in out]
        case And(parts):
            for part in sorted(parts, key=_cost):
                among = find(part, haystack, among, allowance)
            return among
        case Or(parts):
            found: set[int] = set()
            for part in sorted(parts, key=_cost):
                found.update(find(part, haystack, [place for place in among if place not in found], allowance))
            return [place for place in among if place in found]
        case _:
            return _find_term(node, haystack, among, allowance)


def _cost(node: Node) -> int:
    """Cheap parts first, so that the dear ones have few captions left to look at."""
    match node:
        case Words() | PathPart():
            return 0
        case Pattern():
            return 3
        case Size(of="tokens"):
            return 4
        case And(parts) | Or(parts):
            return max(map(_cost, parts))
        case Not(part):
            return _cost(part)
        case _:
            return 1


def _find_term(term: Term, haystack: Haystack, among: Sequence[int], allowance: Allowance) -> list[int]:
    folded, records = haystack.folded, haystack.records
    match term:
        case Words() | Starred():
            return _find_words(term, folded, among)
        case Pattern():
            search = Search(_as_find(term), allowance=allowance)
            return [place for place in among if search.is_in(records[place].text)]
        case Tag(text):
            tag = fold(text)
            return [place for place in among if tag in folded[place] and tag in split_tags(folded[place])]
        case Size("chars", sign, number):
            holds = _SIGNS[sign]
            return [place for place in among if holds(len(records[place].text), number)]
        case Size(_, sign, number):
            holds = _SIGNS[sign]
            return [place for place in among if holds(haystack.tokens(place), number)]
        case PathPart("name", text):
            is_name = _named(fold(text))
            return [place for place in among if is_name(haystack.names[place])]
        case PathPart(_, text):
            is_folder = _in_folder(fold(text))
            return [place for place in among if is_folder(haystack.folders[place])]
        case _:
            assert_never(term)


def _find_words(term: Words | Starred, folded: Sequence[str], among: Sequence[int]) -> list[int]:
    # Most captions do not hold the letters, and `in` tells it twenty times as fast as a pattern.
    letters = fold(term.text) if isinstance(term, Words) else max(fold(term.text).split("*"), key=len)
    found = [place for place in among if letters in folded[place]]
    if isinstance(term, Words) and not term.whole:
        return found
    search = _pattern(term).search
    return [place for place in found if search(folded[place])]


@lru_cache(maxsize=256)
def _pattern(term: Words | Starred) -> patterns.Pattern[str]:
    """The pattern of a keyword in folded text."""
    if isinstance(term, Words):
        letters = patterns.escape(fold(term.text))
        return patterns.compile(rf"{_START}{letters}(?!\w)" if term.whole else letters)
    first, *middle, last = map(patterns.escape, fold(term.text).split("*"))
    # The first place of a middle piece is as good as any later one, so there is nothing to go back for: a row of
    # stars takes time in proportion to the text.
    gaps = "".join(rf"(?>\w*?{piece})" for piece in middle if piece)
    return patterns.compile(rf"{_START}{first}{gaps}\w*{last}(?!\w)")


def _as_find(term: Pattern) -> Find:
    return Find(term.text, regex=True, ignore_case=True, whole_word=term.whole)


def _named(text: str) -> Callable[[str], bool]:
    """Without a star, the name holds the letters; with one, the whole name fits, with its suffix or without."""
    if "*" not in text:
        return lambda name: text in name
    fits = _fitting(text)
    return lambda name: fits(name) or fits(name.rpartition(".")[0])


def _in_folder(text: str) -> Callable[[str], bool]:
    """The folder itself and what lies below it."""
    fits = _fitting(text.strip("/"))
    below = _fitting(text.strip("/") + "/*")
    return lambda folder: fits(folder) or below(folder)


def _fitting(text: str) -> Callable[[str], bool]:
    # fnmatch writes patterns that never go back; its ? and [ ] are letters here.
    only_stars = text.replace("[", "[[]").replace("?", "[?]")
    match = re.compile(fnmatch.translate(only_stars)).match
    return lambda name: match(name) is not None


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
            for hit in _pattern(term).finditer(folded.text):
                yield folded.written(*hit.span())
        case Pattern():
            matches = Search(_as_find(term), allowance=allowance).matches(text)
            yield from (match.span() for match in matches if match.end() > match.start())
        case Tag(wanted):
            for part in _TAG.finditer(text):
                tag = part[0].strip()
                if fold(tag) == fold(wanted):
                    start = part.start() + part[0].index(tag)
                    yield start, start + len(tag)
