"""`tokens:>75` and `chars:<20`: how long a caption is."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from lib.keywords.base import Field
from lib.keywords.haystack import Haystack
from lib.keywords.signs import SIGNS, Sign

_SIZE = re.compile(r"(<=|>=|<|>|=|)\s*([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class NumberField(Field):
    """A number that is known of every sample, compared with one."""

    sign: Sign
    number: int

    def __str__(self) -> str:
        return f"{self.name}:{self.sign}{self.number}"

    @classmethod
    def read(cls, value: str) -> Self:
        size = _SIZE.fullmatch(value)
        if size is None:
            raise ValueError(f"{cls.name}: needs a number, such as {cls.name}:>75")
        return cls(SIGNS[size[1]][0], int(size[2]))

    def find(self, haystack: Haystack, among: Sequence[int]) -> list[int]:
        holds, number = SIGNS[self.sign][1], self.number
        return [place for place in among if holds(self.measured(haystack, place), number)]

    @abstractmethod
    def measured(self, haystack: Haystack, place: int) -> int:
        """The number of one sample."""


@dataclass(frozen=True, slots=True)
class TokensField(NumberField):
    """How long the caption is in CLIP tokens."""

    name = "tokens"
    help = (("tokens:>75", "captions of more than 75 tokens as CLIP counts them; also < <= = >="),)
    # They have to be counted at the first question.
    cost = 4
    counts_tokens = True

    def measured(self, haystack: Haystack, place: int) -> int:
        return haystack.tokens(place)


@dataclass(frozen=True, slots=True)
class CharsField(NumberField):
    """How long the caption is in characters."""

    name = "chars"
    help = (("chars:<20", "captions of less than 20 characters"),)

    def measured(self, haystack: Haystack, place: int) -> int:
        return len(haystack.text(place))
