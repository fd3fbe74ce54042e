"""What a query consists of, and how it is written so that it reads back the same."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from lib.keywords.haystack import Haystack

_PLAIN = re.compile(r"\w[\w'’]*(?: \w[\w'’]*)*")
OPERATORS = frozenset({"AND", "OR", "NOT"})


@dataclass(frozen=True, slots=True)
class Words:
    """These letters as they stand, in any case. `whole`: no letter, digit or underscore stands next to them."""

    text: str
    whole: bool = False

    def __str__(self) -> str:
        is_plain = _PLAIN.fullmatch(self.text) and not OPERATORS & set(self.text.split(" "))
        return self.text if is_plain else quoted(self.text)


@dataclass(frozen=True, slots=True)
class Starred:
    """Whole words in which each * stands for any letters."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression."""

    text: str
    whole: bool = False

    def __str__(self) -> str:
        return self.text


class Field(ABC):
    """A condition that is written `name:value`. Whatever a page or the grammar has to know of it stands here.

    A concrete one is a frozen dataclass, equal to another that means the same.
    """

    __slots__ = ()

    name: ClassVar[str]
    """What stands before the colon."""
    help: ClassVar[tuple[tuple[str, str], ...]]
    """What may be written, and what that finds; the first line is about the field as such."""
    cost: ClassVar[int] = 1
    """How dear it is to look at a caption: 0 for a look, 3 for a pattern, 4 for what is counted at the first look."""
    counts_tokens: ClassVar[bool] = False
    """Whether the tokens of all captions must be counted first, which takes a while."""

    asks_for_left_out: ClassVar[bool] = False
    """Whether a query with it is about images that are left out, too."""

    @property
    def letters(self) -> str:
        """Folded letters that every caption holds that it is true of, "" where there are none."""
        return ""

    @classmethod
    @abstractmethod
    def read(cls, value: str) -> Field:
        """What a value that is not blank means. Raises ValueError with what is wrong with it."""

    @abstractmethod
    def find(self, haystack: Haystack, among: Sequence[int]) -> list[int]:
        """The places among `among` that it is true of, in the same order."""

    @abstractmethod
    def __str__(self) -> str:
        """Written so that it reads back the same."""

    def hits(self, text: str) -> Iterable[tuple[int, int]]:
        """Where in a caption it stands, for what is about letters of it."""
        return ()

    @classmethod
    def values(cls, haystack: Haystack) -> list[tuple[str, int]]:
        """What it can be completed with, for some captions, and how many of them each is true of; the best first."""
        return []


@dataclass(frozen=True, slots=True)
class Not:
    """All but these."""

    part: Node

    def __str__(self) -> str:
        return f"NOT {_bracketed(self.part)}"


@dataclass(frozen=True, slots=True)
class And:
    """All parts at once."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " AND ".join(map(_bracketed, self.parts))


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the parts."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " OR ".join(map(_bracketed, self.parts))


Term = Words | Starred | Pattern | Field
Node = Term | Not | And | Or


def quoted(text: str) -> str:
    """A keyword that means these letters and nothing else, whatever they are."""
    return '"' + text.replace('"', '""') + '"'


def all_of(parts: list[Node]) -> Node:
    """Parts that must all be true, without brackets in brackets."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))]
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(parts: list[Node]) -> Node:
    """Parts of which one must be true, without brackets in brackets."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))]
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def _bracketed(node: Node) -> str:
    return f"({node})" if isinstance(node, And | Or) else str(node)
