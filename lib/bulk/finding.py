"""Walking through the matches of a Find: how many there are, which one is looked at, and replacing that one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lib.bulk.base import editable
from lib.domain import ImageRecord
from lib.find import Find, Search


@dataclass(slots=True)
class Matches:
    """How many matches each caption has, and the one that is looked at: the `hit`-th (from 0) of the `file`-th caption.

    Where a match stands is found again when it is looked at: a pattern such as "." has millions of them.
    """

    find: Find
    names: list[str]
    counts: list[int]
    file: int = 0
    hit: int = 0
    moves: int = 0
    """How often the walk has gone on, so that a match that was drawn is told from the one that is looked at now."""
    total: int = field(init=False)
    _places: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.total = sum(self.counts)
        self._places = {name: place for place, name in enumerate(self.names)}

    @property
    def files(self) -> int:
        """How many captions have a match still."""
        return sum(map(bool, self.counts))

    @property
    def number(self) -> int:
        """The place of the match among all, from 1."""
        return sum(self.counts[: self.file]) + self.hit + 1

    @property
    def name(self) -> str:
        """The image whose caption is looked at."""
        return self.names[self.file]

    def step(self, way: int) -> None:
        """Go to the next match (1) or the previous one (-1), round the ends."""
        if not self.total:
            return
        self.moves += 1
        self.hit += way
        while not 0 <= self.hit < self.counts[self.file]:
            self.file = (self.file + way) % len(self.counts)
            self.hit = 0 if way > 0 else self.counts[self.file] - 1

    def replaced(self, name: str, starts: list[int], end: int) -> None:
        """Goes on after a replacement that ended at `end`; `starts` are where the caption's matches begin now."""
        self.moves += 1
        self.file = self._places[name]
        self._count(self.file, len(starts))
        following = [place for place, start in enumerate(starts) if start >= end]
        # What the replacement itself brought ("cat" by "cats") is behind us, as in an editor.
        self.hit = following[0] if following else len(starts) - 1
        if not following:
            self.step(1)

    def recount(self, name: str, count: int) -> None:
        """Takes over how many matches a caption has now; the match looked at stays in it, or moves on if none is."""
        self._count(self._places[name], count)
        if self.counts[self.file] <= self.hit:
            self.hit = max(0, self.counts[self.file] - 1)
            if not self.counts[self.file]:
                self.step(1)

    def _count(self, place: int, count: int) -> None:
        self.total += count - self.counts[place]
        self.counts[place] = count


def find_matches(records: Sequence[ImageRecord], find: Find) -> Matches:
    """Counts the matches in all captions that may be changed. Raises InvalidInput as `Find.compile` and `Search` do."""
    names: list[str] = []
    counts: list[int] = []
    search = None if find.is_plain else Search(find, len(records))
    for record in editable(records):
        count = record.text.count(find.pattern) if search is None else len(search.matches(record.text))
        if count:
            names.append(record.name)
            counts.append(count)
    return Matches(find, names, counts)
