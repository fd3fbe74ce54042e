"""A query ready for use: what it is true of, what it marks, and how it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.domain import ImageRecord
from lib.errors import InvalidInput
from lib.find import Allowance, Find
from lib.keywords import column_matching, matching
from lib.keywords.base import And, Field, Node, Not, Or, Pattern, Term, all_of, any_of
from lib.keywords.column_haystack import ColumnHaystack
from lib.keywords.grammar import Grammar
from lib.keywords.haystack import Haystack

MAX_PATTERNS = 20


@dataclass(frozen=True, slots=True)
class Query:
    """Written out, it reads back as the same query under the same switches of `parse`."""

    root: Node
    regex: bool = False

    def __str__(self) -> str:
        if self.regex:
            return ", ".join(map(str, _wanted(self.root)))
        return str(self.root)

    @property
    def terms(self) -> tuple[Term, ...]:
        """The keywords that a caption may hold, each once, without those that are excluded."""
        return tuple(dict.fromkeys(_wanted(self.root)))

    @property
    def counts_tokens(self) -> bool:
        """True where it asks how many tokens a caption has, which takes a while to count for the first time."""
        return any(isinstance(part, Field) and part.counts_tokens for part in _parts(self.root))

    @property
    def asks_for_left_out(self) -> bool:
        """True where it says which images it means, those that are left out or the others."""
        return any(isinstance(part, Field) and part.asks_for_left_out for part in _parts(self.root))

    def find(self, haystack: Haystack, among: Sequence[int] | None = None) -> Sequence[ImageRecord]:
        """The records that it is true of, in their order; of those at some places alone, where they are given.

        Raises InvalidInput where a pattern is too slow.
        """
        places = range(len(haystack)) if among is None else among
        return haystack.pick(_find(self.root, haystack, places, self._allowed(places)))

    def matches(self, record: ImageRecord) -> bool:
        """True or false of one record; for many, `find` is far quicker."""
        return bool(self.find(Haystack([record])))

    def spans(self, text: str, allowance: Allowance | None = None) -> list[tuple[int, int]]:
        """Start and end of every hit in a caption, from the left, those that overlap or touch made one.

        `allowance`: the time that many captions share. Raises InvalidInput where it is used up.
        """
        return matching.spans(self.terms, text, allowance or Allowance.for_captions(1))

    def counts(self, haystack: Haystack, among: Sequence[int] | None = None) -> list[tuple[str, int]]:
        """How many captions each keyword alone is true of, in the order they were written.

        `among` and what is raised are as in `find`.
        """
        places = range(len(haystack)) if among is None else among
        allowance = self._allowed(places)
        return [(str(term), len(_find(term, haystack, places, allowance))) for term in self.terms]

    def _allowed(self, places: Sequence[int]) -> Allowance:
        return Allowance.for_captions(len(places) * len(self.terms))


def _find(node: Node, haystack: Haystack, places: Sequence[int], allowance: Allowance) -> Sequence[int]:
    if isinstance(haystack, ColumnHaystack):
        return column_matching.find(node, haystack, places, allowance)
    return matching.find(node, haystack, places, allowance)


def parse(text: str, *, all: bool = False, whole_words: bool = False, regex: bool = False) -> Query:
    """A query from what was typed. Raises InvalidInput with the place of what is wrong.

    Keywords separated by commas: any of them, with `all` every one. `whole_words`: "cat" is not in "cats". The rest
    of the language is told in `lib.keywords.grammar`. With `regex` each keyword is a regular expression, in which
    nothing of that language has its meaning; a comma in brackets or behind a backslash belongs to it.
    """
    if not regex:
        return Query(Grammar(text, all=all, whole_words=whole_words).read())
    patterns: list[Node] = [Pattern(part, whole_words) for part in _split_patterns(text)]
    if len(patterns) > MAX_PATTERNS:
        raise InvalidInput(f"There are more than {MAX_PATTERNS} patterns.", "Join some of them with “|”.")
    for part in patterns or [Pattern("")]:
        Find(str(part), regex=True, ignore_case=True, whole_word=whole_words).compile()
    return Query(all_of(patterns) if all else any_of(patterns), regex=True)


def _split_patterns(text: str) -> list[str]:
    parts = [""]
    opened, letters = "", iter(text)
    for letter in letters:
        if letter == "," and not opened:
            parts.append("")
            continue
        if letter == "\\":
            letter += next(letters, "")
        elif letter in "([{" and not opened.endswith("["):
            opened += letter
        elif letter in ")]}" and opened.endswith({")": "(", "]": "[", "}": "{"}[letter]):
            opened = opened[:-1]
        parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def _parts(node: Node) -> list[Term]:
    match node:
        case Not(part):
            return _parts(part)
        case And(parts) | Or(parts):
            return [term for part in parts for term in _parts(part)]
        case _:
            return [node]


def _wanted(node: Node) -> list[Term]:
    match node:
        case Not():
            return []
        case And(parts) | Or(parts):
            return [term for part in parts for term in _wanted(part)]
        case _:
            return [node]
