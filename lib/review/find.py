"""Finding by meaning: words to pictures and captions, and more like one that is there. No index: one product is enough.

Words are held against captions by the captions' embedder, and against pictures by a map that is learnt from the
dataset's own pairs, so pictures without a caption are found too. Pictures by CLIP or SigLIP need no map.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lib.domain import By
from lib.embedding.base import Embedder
from lib.embedding.many import Embedded
from lib.errors import InvalidInput, MemoryShort, MissingDependency, ModelUnavailable, ToolkitError
from lib.progress import NOBODY, Portion, Progress
from lib.review.agreement.joint_map import JointMap, fit, narrowed, unit
from lib.review.agreement.own import FEWEST
from lib.review.joint_pictures import reader_of
from lib.review.samples import ReviewSamples

if TYPE_CHECKING:
    import numpy as np

Among = Literal["both", "pictures", "captions"]
"""What words are held against."""

_NO_MODEL = (ModelUnavailable, MissingDependency, MemoryShort)

_MOST_LEARNT = 20_000
"""Pairs that the map is learnt from: more make it no better, and a moment longer."""


@dataclass(frozen=True, slots=True)
class FoundSample:
    """A sample that was found. `score`: standard deviations above the dataset's mean, comparable within one find."""

    image: str
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class MeaningSide:
    """Vectors of length 1, shape (n, d), of the samples at `places` among all, and the row of each place."""

    vectors: np.ndarray
    places: np.ndarray
    rows: dict[int, int]


class MeaningIndex:
    """The vectors of a dataset in memory, ready to be asked; made by `meaning_index`. Safe to share between threads.

    `about` says by which vectors it finds. For 100,000 samples by MobileNet and Sentence-BERT it takes 630 MB, and a
    find some 0.1 s.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        text: Embedder,
        captions: MeaningSide | None,
        pictures: MeaningSide | None = None,
        learnt: tuple[JointMap, MeaningSide] | None = None,
        wordless: ToolkitError | None = None,
        reader: Embedder | None = None,
    ) -> None:
        self._names, self._text, self._reader = names, text, reader
        self._captions, self._pictures, self._learnt = captions, pictures, learnt
        self._place = {name: place for place, name in enumerate(names)}
        self.wordless = wordless
        """Why words find nothing here, where that is so: there is no model that reads them."""
        by = [f"captions by {text.label}"] if captions is not None else []
        if reader is not None:
            by.append(f"pictures by {reader.label}")
        elif learnt is not None:
            by.append("pictures by what the dataset's own captions say of pictures like them")
        self.about = f"Finds {' and '.join(by)}." if by else "Finds pictures that are alike."

    @property
    def is_ready_for_words(self) -> bool:
        """False where the model that reads words has still to be loaded, which takes seconds."""
        return all(one.is_loaded for one in self._readers())

    def load(self) -> None:
        """Load the models that read words. Raises what loading raises, and `wordless`."""
        if self.wordless is not None:
            raise self.wordless.with_traceback(None)
        for one in self._readers():
            one.load()

    def _readers(self) -> list[Embedder]:
        own = self._text if self._captions is not None or self._reader is None else None
        return [one for one in (own, self._reader) if one is not None]

    def by_words(
        self, words: str, top: int = 50, among: Among = "both", within: Collection[str] | None = None
    ) -> list[FoundSample]:
        """The samples nearest to some words, the best first; of those `within`, where that is given.

        Raises InvalidInput, `wordless`, and what embedding raises.
        """
        if not words.strip():
            raise InvalidInput("There are no words to find.", "Write what is to be seen, as in a caption.")
        if self.wordless is not None:
            raise self.wordless.with_traceback(None)
        if among == "pictures" and self._learnt is None and self._reader is None:
            raise InvalidInput(
                "Pictures cannot be found by words here.",
                f"That is learnt from captions: it takes {FEWEST} captioned pictures, and a model for pictures.",
            )
        return self._best([*self._likeness(words.strip(), among)], top, within)

    def _likeness(self, words: str, among: Among) -> Iterator[tuple[MeaningSide, np.ndarray]]:
        if among != "captions" and self._reader is not None and self._pictures is not None:
            yield self._pictures, unit(self._reader.embed([words]))[0]
        if self._captions is None:
            return
        query = self._text.embed([words])
        if among != "pictures":
            yield self._captions, unit(query)[0]
        if among != "captions" and self._reader is None and self._learnt is not None:
            yield self._learnt[1], self._learnt[0].captions(query)[0]

    def like(
        self, image: str, by: By = "images", top: int = 50, within: Collection[str] | None = None
    ) -> list[FoundSample]:
        """The samples most like one of them by picture or by caption, itself left out. Raises InvalidInput.

        `within`: the names of those that count, all where none are given.
        """
        side = self._pictures if by == "images" else self._captions
        place = self._place.get(image, -1)
        if side is None or place not in side.rows:
            what = "picture" if by == "images" else "caption"
            raise InvalidInput(f"“{image}” has no {what} that could be compared.", "Choose another image.")
        found = self._best([(side, side.vectors[side.rows[place]])], top + 1, within)
        return [one for one in found if one.image != image][:top]

    def _best(
        self, likeness: list[tuple[MeaningSide, np.ndarray]], top: int, within: Collection[str] | None
    ) -> list[FoundSample]:
        import numpy as np

        total, count = np.zeros(len(self._names)), np.zeros(len(self._names))
        for side, query in likeness:
            values = side.vectors @ query.astype(side.vectors.dtype)
            total[side.places] += (values - values.mean()) / (values.std() + 1e-9)
            count[side.places] += 1
        if within is not None:
            # After the mean was taken: a score says the same whatever part is looked at.
            kept = np.zeros(len(count), bool)
            kept[[place for name in within if (place := self._place.get(name)) is not None]] = True
            count[~kept] = 0
        # The sum of two spreads wider by a root of two: so whoever lacks a caption is not left behind.
        scores = np.where(count > 0, total / np.sqrt(np.maximum(count, 1)), -np.inf)
        wanted = min(max(top, 0), int((count > 0).sum()))
        if not wanted:
            return []
        places = np.argpartition(-scores, wanted - 1)[:wanted]
        places = places[np.argsort(-scores[places], kind="stable")]
        return [FoundSample(self._names[place], round(float(scores[place]), 4)) for place in places.tolist()]


def meaning_index(samples: ReviewSamples, progress: Progress = NOBODY) -> MeaningIndex:
    """Reads or makes the vectors of a dataset. Raises Cancelled, and why nothing at all can be found.

    Without a model for pictures, or with too few captioned ones, words find captions only. Without one for captions
    pictures find pictures.
    """
    names = tuple(record.name for record in samples.records)
    place = {name: number for number, name in enumerate(names)}
    steps = len(samples.captioned) + len(names)
    text, wordless, read = samples.embedder("tags"), None, None
    try:
        read = _captions(samples, text, Portion(progress, 0, steps))
    except _NO_MODEL as error:
        wordless = error
    words = None if read is None else read.vectors[0 : len(read.names)]
    captions = None if read is None or words is None else side_of(words, [place[name] for name in read.names])
    try:
        seen = samples.pictures(Portion(progress, len(samples.captioned), steps))
    except _NO_MODEL:
        if wordless is not None:
            raise wordless.with_traceback(None) from None
        return MeaningIndex(names, text, captions)
    vectors = seen.vectors[0 : len(seen.names)]
    pictures = side_of(vectors, [place[name] for name in seen.names])
    if (reader := reader_of(samples.embedder("images"))) is not None:
        # It knows words from elsewhere, better than a few captions could tell it.
        return MeaningIndex(names, text, captions, pictures, reader=reader)
    learnt = None if captions is None or words is None else _learnt(narrowed(vectors), pictures, words, captions)
    return MeaningIndex(names, text, captions, pictures, learnt, wordless)


def _captions(samples: ReviewSamples, text: Embedder, progress: Progress) -> Embedded | None:
    if text.whole:
        raise ModelUnavailable(
            f"Finding by meaning needs a model for captions, and {text.label} is none.",
            "Connect this machine to the internet once, or set TOOLKIT_SBERT to a folder that holds one.",
        )
    return samples.captions(progress) if samples.captioned else None


def side_of(vectors: np.ndarray, places: list[int]) -> MeaningSide:
    import numpy as np

    return MeaningSide(unit(vectors), np.asarray(places, np.int64), {place: row for row, place in enumerate(places)})


def _learnt(
    seen: np.ndarray, pictures: MeaningSide, words: np.ndarray, captions: MeaningSide
) -> tuple[JointMap, MeaningSide] | None:
    """The map, and where it leads all pictures; None where there are too few pairs."""
    pairs = [place for place in captions.rows if place in pictures.rows][:_MOST_LEARNT]
    if len(pairs) < FEWEST:
        return None
    learnt = fit(seen[[pictures.rows[place] for place in pairs]], words[[captions.rows[place] for place in pairs]])
    return learnt, MeaningSide(learnt.pictures(seen), pictures.places, pictures.rows)
