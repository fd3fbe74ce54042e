"""`by:gemma`, `by:hand`, `by:import`, `by:nobody`: who wrote a caption."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lib.domain import Author
from lib.keywords.base import Field, quoted
from lib.keywords.fitting import fitting
from lib.keywords.folding import fold
from lib.keywords.haystack import Haystack

_NOBODY = "nobody"

_MARKS: dict[str, Callable[[Author], bool]] = {
    "hand": lambda author: author.by == "hand" or bool(author.edited_at),
    "import": lambda author: author.by == "import",
    "model": lambda author: bool(author.model),
}
"""Words that stand for a kind of authors; any other is a part of a model's name."""


@dataclass(frozen=True, slots=True)
class ByField(Field):
    """Who wrote the caption: a model whose name holds the letters, a person, an import, or nobody that is known."""

    text: str

    name = "by"
    help = (
        ("by:gemma", "written by a model of that name; by:model for any"),
        ("by:hand", "typed, or changed, by a person"),
        ("by:import", "came with an import"),
        ("by:nobody", "captions of which nobody knows it: written by another program"),
    )

    def __str__(self) -> str:
        return f"by:{quoted(self.text)}"

    @classmethod
    def read(cls, value: str) -> ByField:
        return cls(value.strip())

    def find(self, haystack: Haystack, among: Sequence[int]) -> list[int]:
        authors, word = _authors(haystack), fold(self.text)
        if word == _NOBODY:
            records = haystack.records
            return [place for place in among if authors[place] is None and records[place].is_tagged]
        is_meant = _MARKS.get(word) or _by_model(word)
        return [place for place in among if (author := authors[place]) is not None and is_meant(author)]

    @classmethod
    def values(cls, haystack: Haystack) -> list[tuple[str, int]]:
        authors = _authors(haystack)
        known = [author for author in authors if author is not None]
        models = Counter(author.model for author in known if author.model)
        counts = [(mark, sum(map(is_meant, known))) for mark, is_meant in _MARKS.items() if mark != "model"]
        nobody = sum(
            author is None and record.is_tagged for author, record in zip(authors, haystack.records, strict=True)
        )
        return [*models.most_common(), *[(mark, count) for mark, count in [*counts, (_NOBODY, nobody)] if count]]


def _authors(haystack: Haystack) -> Sequence[Author | None]:
    return haystack.known("author")


def _by_model(word: str) -> Callable[[Author], bool]:
    """Without a star, the model's name holds the letters; with one, the whole name fits."""
    fits = fitting(word) if "*" in word else lambda name: word in name
    # Models are few, captions are many.
    told: dict[str, bool] = {"": False}

    def is_meant(author: Author) -> bool:
        if author.model not in told:
            told[author.model] = fits(fold(author.model))
        return told[author.model]

    return is_meant
