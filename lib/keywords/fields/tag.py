"""`tag:cat`: one of the comma-separated tags."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lib.keywords.base import Field, quoted
from lib.keywords.folding import fold
from lib.keywords.haystack import Haystack
from lib.text import split_tags

_TAG = re.compile(r"[^,\r\n]+")


@dataclass(frozen=True, slots=True)
class TagField(Field):
    """One of the comma-separated tags is exactly this, in any case."""

    text: str

    name = "tag"
    help = (("tag:cat", "one of the comma-separated tags is this"),)

    def __str__(self) -> str:
        return f"tag:{quoted(self.text)}"

    @classmethod
    def read(cls, value: str) -> TagField:
        return cls(value.strip())

    @property
    def letters(self) -> str:
        return fold(self.text)

    def find(self, haystack: Haystack, among: Sequence[int]) -> list[int]:
        tag, folded = fold(self.text), haystack.folded
        return [place for place in among if tag in folded[place] and tag in split_tags(folded[place])]

    def hits(self, text: str) -> Iterator[tuple[int, int]]:
        for part in _TAG.finditer(text):
            tag = part[0].strip()
            if fold(tag) == fold(self.text):
                start = part.start() + part[0].index(tag)
                yield start, start + len(tag)
