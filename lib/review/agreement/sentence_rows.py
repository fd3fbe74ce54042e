"""Samples as rows of picture and sentence, and the rows' scores as scores of captions again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lib.domain import ImageRecord
from lib.review.agreement.base import NAME, CaptionFit
from lib.review.agreement.sentences import sentences_of
from lib.review.findings import Unmeasured

if TYPE_CHECKING:
    import numpy as np


@dataclass(slots=True)
class SentenceRows:
    """One row for each sentence. `samples` holds the place of its sample among `names`, `places` where it stands."""

    names: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    samples: list[int] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def named(self) -> list[tuple[str, str]]:
        """(image, sentence) of each row."""
        return [(self.names[sample], text) for sample, text in zip(self.samples, self.texts, strict=True)]

    def fits(self, own: np.ndarray, better: np.ndarray) -> Iterator[CaptionFit]:
        """A caption fits as well as its worst sentence. Of each row, shape (n,): how well it fits, and the share
        (0 to 1) of random pairs that fit no better.
        """
        for sample, rows in enumerate(self._rows()):
            worst = min(rows, key=lambda row: own[row])
            # Of many sentences one is the worst by chance: what is told of it holds for the caption as a whole.
            chance = 1 - (1 - float(better[worst])) ** len(rows)
            yield CaptionFit(self.names[sample], float(own[worst]), chance, self.places[worst], len(rows))

    def _rows(self) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in self.names]
        for row, sample in enumerate(self.samples):
            found[sample].append(row)
        return found


def sentence_rows(records: Sequence[ImageRecord]) -> SentenceRows:
    """The rows of samples that all have a caption."""
    rows = SentenceRows()
    for record in records:
        rows.names.append(record.name)
        for place in sentences_of(record.text):
            rows.texts.append(record.text[slice(*place)])
            rows.samples.append(len(rows.names) - 1)
            rows.places.append(place)
    return rows


def no_captions(records: Sequence[ImageRecord]) -> list[Unmeasured]:
    """What is told of samples without a caption."""
    return [Unmeasured(one.name, NAME, "There is no caption.") for one in records if not one.is_tagged]


def picture_rows(vectors: np.ndarray, rows: SentenceRows) -> np.ndarray:
    """The picture's vector of each row, from one for each sample."""
    import numpy as np

    return np.asarray(vectors[np.asarray(rows.samples, np.int64)])
