"""From what was typed to a query, or to a sentence that points at the place where it cannot be read.

    query   = list, separated by commas or line ends; a part of nothing but exclusions is taken from all others
    part    = all { "OR" all }
    all     = one { ["AND"] one }
    one     = "NOT" one | "-" atom | atom
    atom    = "(" query ")" | "quoted letters" | field:value | words

Words that follow one another are one keyword, letter by letter: `red sofa` is not `red AND sofa`. The operators are
capitals, since captions are full of "and" and "or". A bracket or a quotation mark within a word is a letter of it.
The fields are those of `lib.keywords.registry`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lib.errors import InvalidInput
from lib.keywords.base import (
    OPERATORS,
    And,
    Node,
    Not,
    Or,
    Starred,
    Words,
    all_of,
    any_of,
)
from lib.keywords.registry import FIELDS

MAX_CHARACTERS = 10_000
MAX_KEYWORDS = 200
MAX_DEPTH = 20

_COMMAS = (",", "\n", "\r")
_ENDS = ("", ")", *_COMMAS)
_BLANK = re.compile(r"[^\S\r\n]*")
_QUOTE = re.compile(r'"((?:[^"]|"")*)"')
_FIELD = re.compile(rf"({'|'.join(FIELDS)}):", re.IGNORECASE)
_HINT = "Put quotes round words to have them taken as they are."


class Grammar:
    """Reads one query. Raises InvalidInput with the place of what is wrong."""

    def __init__(self, text: str, *, all: bool, whole_words: bool) -> None:
        self._text = text
        self._all = all
        self._whole = whole_words
        self._at = 0
        self._depth = 0
        self._keywords = 0

    def read(self) -> Node:
        if len(self._text) > MAX_CHARACTERS:
            raise InvalidInput(f"The query is longer than {MAX_CHARACTERS:,} characters.", "Make it shorter.")
        node = self._list()
        if self._next() == ")":
            raise self._wrong("this bracket closes none")
        if node is None:
            raise InvalidInput("There is no keyword.", "Write the words to look for, separated by commas.")
        if _depth(node) > MAX_DEPTH:
            # What is read must also be readable once it is written out, with brackets round every part.
            raise self._wrong("the brackets lie too deep", 0)
        return node

    def _list(self) -> Node | None:
        parts: list[Node] = []
        while True:
            if self._next() not in _ENDS:
                parts.append(self._any())
            if self._next() not in _COMMAS:
                break
            self._at += 1
        if not parts:
            return None
        if self._all:
            return all_of(parts)
        wanted = [part for part in parts if not _excludes(part)]
        unwanted = [part for part in parts if _excludes(part)]
        return all_of(([any_of(wanted)] if wanted else []) + unwanted)

    def _any(self) -> Node:
        parts = [self._every()]
        while self._takes("OR"):
            parts.append(self._every())
        return any_of(parts)

    def _every(self) -> Node:
        parts = [self._one()]
        while self._takes("AND") or self._begins_one():
            parts.append(self._one())
        return all_of(parts)

    def _begins_one(self) -> bool:
        return self._next() not in _ENDS and self._operator() in ("", "NOT")

    def _one(self) -> Node:
        start = self._at
        if self._takes("NOT"):
            return Not(self._deeper(self._one, start))
        if self._excluding():
            self._at += 1
            return Not(self._deeper(self._one_word, start))
        return self._atom()

    def _excluding(self) -> bool:
        """A dash right before a word; one that stands alone is a letter."""
        return self._next() == "-" and self._text[self._at + 1 : self._at + 2].strip() not in ("", ",", ")")

    def _one_word(self) -> Node:
        if self._excluding():
            return self._one()
        return self._atom(run=False)

    def _atom(self, *, run: bool = True) -> Node:
        self._keywords += 1
        if self._keywords > MAX_KEYWORDS:
            raise self._wrong(f"there are more than {MAX_KEYWORDS} keywords")
        letter = self._next()
        if letter == "(":
            return self._deeper(self._bracket, self._at)
        if letter == '"':
            return Words(self._quote(), self._whole)
        if letter in _ENDS:
            raise self._wrong("a keyword is missing here")
        if operator := self._operator():
            raise self._wrong(f"{operator} needs a keyword before it")
        if field := _FIELD.match(self._text, self._at):
            return self._field(field)
        return self._words(run)

    def _bracket(self) -> Node:
        start = self._at
        self._at += 1
        node = self._list()
        if self._next() != ")":
            raise self._wrong("this bracket is not closed", start)
        if node is None:
            raise self._wrong("there is nothing in these brackets", start)
        self._at += 1
        return node

    def _field(self, field: re.Match[str]) -> Node:
        start = self._at
        name = field[1].lower()
        self._at = field.end()
        value = self._quote() if self._text.startswith('"', self._at) else self._word()
        if not value.strip():
            raise self._wrong(f"{name}: needs a value right behind it", start)
        try:
            return FIELDS[name].read(value)
        except ValueError as exc:
            raise self._wrong(str(exc), start) from exc

    def _words(self, run: bool) -> Node:
        """Words up to whatever has a meaning of its own, with the blanks between them as they were typed."""
        start = self._at
        self._word()
        end = self._at
        while run and self._begins_one() and not self._begins_anew():
            self._word()
            end = self._at
        self._at = end
        text = self._text[start:end]
        if "*" not in text:
            return Words(text, self._whole)
        if not text.replace("*", "").strip():
            raise self._wrong("a star needs letters beside it", start)
        return Starred(text)

    def _begins_anew(self) -> bool:
        return (
            self._next() in ("(", '"')
            or self._excluding()
            or bool(self._operator())
            or _FIELD.match(self._text, self._at) is not None
        )

    def _word(self) -> str:
        """Up to a blank, a comma, or a bracket that closes what was opened before the word."""
        start, opened = self._at, 0
        while self._at < len(self._text):
            letter = self._text[self._at]
            if letter == "," or letter.isspace() or (letter == ")" and not opened):
                break
            opened += (letter == "(") - (letter == ")")
            self._at += 1
        return self._text[start : self._at]

    def _quote(self) -> str:
        found = _QUOTE.match(self._text, self._at)
        if found is None:
            raise self._wrong("this quotation mark has no second one")
        if not found[1]:
            raise self._wrong("there is nothing between these quotation marks")
        self._at = found.end()
        return found[1].replace('""', '"')

    def _next(self) -> str:
        """The letter at hand, blanks passed over; "" at the end."""
        if blank := _BLANK.match(self._text, self._at):
            self._at = blank.end()
        return self._text[self._at : self._at + 1]

    def _operator(self) -> str:
        """The operator at hand, "" where there is none."""
        self._next()
        for name in OPERATORS:
            end = self._at + len(name)
            behind = self._text[end : end + 1]
            if self._text.startswith(name, self._at) and (not behind or behind.isspace() or behind in ',()"'):
                return name
        return ""

    def _takes(self, operator: str) -> bool:
        if self._operator() != operator:
            return False
        start = self._at
        self._at += len(operator)
        if self._next() in _ENDS:
            raise self._wrong(f"{operator} needs a keyword after it", start)
        return True

    def _deeper(self, read: Callable[[], Node], start: int) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._wrong("the brackets lie too deep", start)
        node = read()
        self._depth -= 1
        return node

    def _wrong(self, why: str, at: int | None = None) -> InvalidInput:
        place = self._at if at is None else at
        before, rest = self._text[:place].strip(), self._text[place:].strip()
        if rest:
            where = f"at “{_shortened(rest)}”"
        else:
            where = f"behind “…{before[-30:]}”" if len(before) > 30 else f"behind “{before}”"
        return InvalidInput(f"The query cannot be read at character {place + 1}, {where}: {why}.", _HINT)


def _excludes(node: Node) -> bool:
    """True for a part that only takes away."""
    return isinstance(node, Not) or (isinstance(node, And) and all(isinstance(part, Not) for part in node.parts))


def _depth(node: Node) -> int:
    match node:
        case Not(part):
            return 1 + _depth(part)
        case And(parts) | Or(parts):
            return 1 + max(map(_depth, parts))
        case _:
            return 0


def _shortened(text: str) -> str:
    return text if len(text) <= 30 else text[:29] + "…"
