"""What a query consists of, and how it is written so that it reads back the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_PLAIN = re.compile(r"\w[\w'’]*(?: \w[\w'’]*)*")
OPERATORS = frozenset({"AND", "OR", "NOT"})

SizeOf = Literal["tokens", "chars"]
Sign = Literal["<", "<=", "=", ">=", ">"]
PathPartOf = Literal["name", "folder"]


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


@dataclass(frozen=True, slots=True)
class Tag:
    """One of the comma-separated tags is exactly this, in any case."""

    text: str

    def __str__(self) -> str:
        return f"tag:{quoted(self.text)}"


@dataclass(frozen=True, slots=True)
class Size:
    """How long the caption is, in CLIP tokens or in characters."""

    of: SizeOf
    sign: Sign
    number: int

    def __str__(self) -> str:
        return f"{self.of}:{self.sign}{self.number}"


@dataclass(frozen=True, slots=True)
class PathPart:
    """Where the image lies: its file name, or its folder. * stands for any letters."""

    of: PathPartOf
    text: str

    def __str__(self) -> str:
        return f"{self.of}:{quoted(self.text)}"


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


Term = Words | Starred | Pattern | Tag | Size | PathPart
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
