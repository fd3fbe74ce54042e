"""`agreement:<10%`, `width:<512`, `duplicate:yes`, `finding:empty`: what the last review said of an image."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from lib.errors import InvalidInput
from lib.keywords.base import Field, quoted
from lib.keywords.folding import fold
from lib.keywords.haystack import Haystack
from lib.keywords.signs import SIGNS, Sign
from lib.keywords.values import yes_or_no
from lib.last_review import ReviewedImage

_NUMBER = re.compile(r"(<=|>=|<|>|=|)\s*([0-9]{1,15}(?:\.[0-9]{1,3})?)\s*([a-z%]*)", re.IGNORECASE)
_PER_CENT = {"": 1.0, "%": 1.0}
_SIZES = {"": 1.0, "kb": 1e3, "mb": 1e6, "kib": 1024.0, "mib": 1024.0**2}


@dataclass(frozen=True, slots=True)
class ScoreField(Field):
    """A number of the last review; an image of which it has none is never found."""

    sign: Sign
    number: float

    units: ClassVar[Mapping[str, float]] = {"": 1.0}

    def __str__(self) -> str:
        number = str(int(self.number)) if self.number.is_integer() else repr(self.number)
        return f"{self.name}:{self.sign}{number}"

    @classmethod
    def read(cls, value: str) -> Self:
        found = _NUMBER.fullmatch(value.strip())
        unit = cls.units.get(found[3].lower()) if found is not None else None
        if found is None or unit is None:
            raise ValueError(f"{cls.name}: needs a number, such as {cls.help[0][0]}")
        return cls(SIGNS[found[1]][0], float(found[2]) * unit)

    def find(self, haystack: Haystack, among: Sequence[int]) -> list[int]:
        known = _scored(haystack, self.name)
        holds, number = SIGNS[self.sign][1], self.number
        return [place for place in among if (score := known[place]) is not None and holds(score, number)]


class AgreementField(ScoreField):
    """As a percentile: the worst tenth is below 10."""

    name = "agreement"
    help = (("agreement:<10%", "captions that fit their picture worst: the worst tenth of the last review"),)
    units = _PER_CENT


class WidthField(ScoreField):
    """In pixels."""

    name = "width"
    help = (("width:<512", "pictures of less than 512 pixels across; also height:"),)


class HeightField(ScoreField):
    """In pixels."""

    name = "height"
    help = (("height:<512", "and from top to bottom"),)


class AspectField(ScoreField):
    """Width by height."""

    name = "aspect"
    help = (("aspect:>2", "pictures more than twice as wide as high"),)


class BytesField(ScoreField):
    """Of the image file."""

    name = "bytes"
    help = (("bytes:>1MB", "image files of more than a million bytes; also kB"),)
    units = _SIZES


class BlurField(ScoreField):
    """From 0 (sharp) to 100."""

    name = "blur"
    help = (("blur:>60%", "blurred pictures, from 0 (sharp) to 100"),)
    units = _PER_CENT


@dataclass(frozen=True, slots=True)
class DuplicateField(Field):
    """Whether there is another picture that is nearly the same."""

    has_twin: bool

    name = "duplicate"
    help = (("duplicate:yes", "pictures that have a near-duplicate; duplicate:no the others"),)

    def __str__(self) -> str:
        return f"duplicate:{'yes' if self.has_twin else 'no'}"

    @classmethod
    def read(cls, value: str) -> Self:
        return cls(yes_or_no(cls.name, value))

    def find(self, haystack: Haystack, among: Sequence[int]) -> list[int]:
        known, reviewed = _scored(haystack, self.name), _reviewed(haystack)
        # Of an image that was not looked at nobody knows whether it has a twin.
        return [place for place in among if reviewed[place] is not None and (known[place] is not None) is self.has_twin]

    @classmethod
    def values(cls, haystack: Haystack) -> list[tuple[str, int]]:
        count = sum(cls.name in one.scores for one in _known(haystack))
        return [("yes", count)] if count else []


@dataclass(frozen=True, slots=True)
class FindingField(Field):
    """A check, a kind of finding, or how bad it is."""

    what: str

    name = "finding"
    help = (("finding:empty", "what a check of the last review found; also finding:captions, finding:error"),)

    def __str__(self) -> str:
        return f"finding:{quoted(self.what)}"

    @classmethod
    def read(cls, value: str) -> Self:
        return cls(fold(value.strip()))

    def find(self, haystack: Haystack, among: Sequence[int]) -> list[int]:
        reviewed = _reviewed(haystack)
        return [place for place in among if (one := reviewed[place]) is not None and self.what in one.told]

    @classmethod
    def values(cls, haystack: Haystack) -> list[tuple[str, int]]:
        return Counter(what for one in _known(haystack) for what in one.told).most_common()


def _reviewed(haystack: Haystack) -> Sequence[ReviewedImage | None]:
    return haystack.known("review")


def _known(haystack: Haystack) -> Iterator[ReviewedImage]:
    """Nothing before the first review: a completion is offered, not asked for."""
    try:
        found = _reviewed(haystack)
    except InvalidInput:
        return
    yield from (one for one in found if one is not None)


def _scored(haystack: Haystack, score: str) -> list[float | None]:
    """The number of each image. Raises InvalidInput where no review has looked for it."""
    first = next(_known(haystack), None)
    if first is not None and score not in first.measured:
        raise InvalidInput(f"No review of this folder has measured “{score}” yet.", "Review it with that check first.")
    return [one.scores.get(score) if one is not None else None for one in _reviewed(haystack)]
