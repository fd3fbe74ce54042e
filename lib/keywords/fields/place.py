"""`name:` and `folder:`: where an image lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from lib.keywords.base import Field, quoted
from lib.keywords.fitting import fitting
from lib.keywords.folding import fold
from lib.keywords.haystack import Haystack


@dataclass(frozen=True, slots=True)
class _PathPart(Field):
    text: str

    cost = 0

    def __str__(self) -> str:
        return f"{self.name}:{quoted(self.text)}"

    @classmethod
    def read(cls, value: str) -> Self:
        return cls(value.strip())


@dataclass(frozen=True, slots=True)
class NameField(_PathPart):
    """Without a star, the file name holds the letters; with one, the whole name fits, with its suffix or without."""

    name = "name"
    help = (("name:*_01*", "by file name; * stands for any letters"),)

    def find(self, haystack: Haystack, among: Sequence[int]) -> list[int]:
        text, names = fold(self.text), haystack.names
        if "*" not in text:
            return [place for place in among if text in names[place]]
        fits = fitting(text)
        return [place for place in among if fits(names[place]) or fits(names[place].rpartition(".")[0])]


@dataclass(frozen=True, slots=True)
class FolderField(_PathPart):
    """The folder itself and what lies below it."""

    name = "folder"
    help = (("folder:beach", "by folder, with all that lies below it"),)

    def find(self, haystack: Haystack, among: Sequence[int]) -> list[int]:
        text, folders = fold(self.text).strip("/"), haystack.folders
        fits, below = fitting(text), fitting(text + "/*")
        return [place for place in among if fits(folders[place]) or below(folders[place])]

    @classmethod
    def values(cls, haystack: Haystack) -> list[tuple[str, int]]:
        counts = Counter(record.name.rpartition("/")[0] for record in haystack.records)
        return [(folder, count) for folder, count in counts.most_common() if folder]
