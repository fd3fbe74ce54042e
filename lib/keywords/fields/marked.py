"""`left_out:yes` and `rating:>=4`: what people have said of an image."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lib.domain import MOST_STARS, ImageMarks
from lib.keywords.base import Field
from lib.keywords.folding import fold
from lib.keywords.haystack import Haystack
from lib.keywords.signs import SIGNS, Sign
from lib.keywords.values import yes_or_no

_STARS = re.compile(r"(<=|>=|<|>|=|)\s*([0-9]{1,2})")
_NONE = "none"


@dataclass(frozen=True, slots=True)
class LeftOutField(Field):
    """Whether it is left out. A query that asks for it is about all images; others are not about those."""

    is_out: bool

    name = "left_out"
    help = (("left_out:yes", "images that are left out, which other queries pass over; left_out:no the others"),)
    asks_for_left_out = True

    def __str__(self) -> str:
        return f"left_out:{'yes' if self.is_out else 'no'}"

    @classmethod
    def read(cls, value: str) -> LeftOutField:
        return cls(yes_or_no(cls.name, value))

    def find(self, haystack: Haystack, among: Sequence[int]) -> list[int]:
        marks = _marks(haystack)
        return [place for place in among if _of(marks[place]).left_out is self.is_out]

    @classmethod
    def values(cls, haystack: Haystack) -> list[tuple[str, int]]:
        count = sum(_of(one).left_out for one in _marks(haystack))
        return [("yes", count)] if count else []


@dataclass(frozen=True, slots=True)
class RatingField(Field):
    """Stars. One without any is found by `none` alone: nobody has said that it is a bad one."""

    sign: Sign
    stars: int
    """0: none."""

    name = "rating"
    help = (
        ("rating:>=4", "images with four stars or five; also < <= = >"),
        ("rating:none", "images without stars"),
    )

    def __str__(self) -> str:
        return f"rating:{self.sign}{self.stars}" if self.stars else f"rating:{_NONE}"

    @classmethod
    def read(cls, value: str) -> RatingField:
        if fold(value.strip()) == _NONE:
            return cls("=", 0)
        found = _STARS.fullmatch(value.strip())
        if found is None or not 1 <= int(found[2]) <= MOST_STARS:
            raise ValueError(f"rating: is a number of stars from 1 to {MOST_STARS}, or {_NONE}")
        return cls(SIGNS[found[1]][0], int(found[2]))

    def find(self, haystack: Haystack, among: Sequence[int]) -> list[int]:
        marks, holds = _marks(haystack), SIGNS[self.sign][1]
        if not self.stars:
            return [place for place in among if not _of(marks[place]).rating]
        return [place for place in among if (stars := _of(marks[place]).rating) and holds(stars, self.stars)]

    @classmethod
    def values(cls, haystack: Haystack) -> list[tuple[str, int]]:
        counts = Counter(_of(one).rating for one in _marks(haystack))
        none = counts.pop(0, 0)
        return [(str(stars), counts[stars]) for stars in sorted(counts, reverse=True)] + [(_NONE, none)] * bool(counts)


_UNMARKED = ImageMarks()


def _marks(haystack: Haystack) -> Sequence[ImageMarks | None]:
    return haystack.known("marks")


def _of(marks: ImageMarks | None) -> ImageMarks:
    return marks if marks is not None else _UNMARKED
