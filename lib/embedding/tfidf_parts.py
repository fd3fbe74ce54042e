"""TF-IDF of more captions than one matrix should hold: weights of all of them, axes of a sample, vectors by parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from lib.column_texts import texts_at
from lib.text import words

if TYPE_CHECKING:
    import numpy as np

SAMPLE = 100_000
"""Captions that the axes are found on."""
_PART = 10_000


@dataclass(frozen=True, slots=True)
class Frequencies:
    """In how many captions each term stands, and how many captions there are."""

    captions: int
    terms: Counter[str]


def partial(texts: Iterable[str]) -> Frequencies:
    """The document frequencies of some captions."""
    captions = 0

    def terms() -> Iterable[set[str]]:
        nonlocal captions
        for text in texts:
            captions += 1
            yield set(words(text.lower()))

    counted = Counter(chain.from_iterable(terms()))
    return Frequencies(captions, counted)


def combine(parts: Iterable[Frequencies]) -> Frequencies:
    """The document frequencies of all captions: sums."""
    captions, terms = 0, Counter[str]()
    for part in parts:
        captions += part.captions
        terms.update(part.terms)
    return Frequencies(captions, terms)


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """How captions become rows: the column of each term, in the terms' order, and its weight (float32)."""

    columns: dict[str, int]
    idf: np.ndarray

    def rows(self, texts: Sequence[str]) -> Any:
        """A sparse matrix of shape (captions, terms), float32, its rows of length 1: scikit-learn's TfidfVectorizer."""
        import numpy as np
        from scipy.sparse import csr_matrix
        from sklearn.preprocessing import normalize

        cut = [words(text.lower()) for text in texts]
        ends = np.cumsum([0, *map(len, cut)])
        places = np.fromiter(map(self.columns.__getitem__, chain.from_iterable(cut)), np.int32, int(ends[-1]))
        found = csr_matrix((np.ones(len(places), np.float32), places, ends), (len(cut), len(self.idf)))
        found.sum_duplicates()
        found.data = (np.log(found.data) + 1) * self.idf[found.indices]
        return normalize(found, copy=False)


def weights_of(found: Frequencies) -> Weights:
    """Inverse document frequencies as scikit-learn smooths them: ln((1 + n) / (1 + df)) + 1."""
    import numpy as np

    # Sorted: the order of a set differs from one process to the next.
    columns = {term: place for place, term in enumerate(sorted(found.terms))}
    frequencies = np.fromiter(map(found.terms.__getitem__, columns), np.float64, len(columns))
    idf = np.log((1 + found.captions) / (1 + frequencies)) + 1
    return Weights(columns, idf.astype(np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """`axes` (d, terms of the sample), and the place of each term of all in them, -1 for one that is in no sample."""

    weights: Weights
    axes: np.ndarray
    places: np.ndarray

    def transform(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of captions: float32 of shape (n, d), of length 1 unless they are nothing."""
        import numpy as np
        from scipy.sparse import csr_matrix
        from sklearn.preprocessing import normalize

        rows = self.weights.rows(texts)
        places = self.places[rows.indices]
        known = places >= 0
        ends = np.concatenate([[0], np.cumsum(known)])[rows.indptr]
        seen = csr_matrix((rows.data[known], places[known], ends), (rows.shape[0], self.axes.shape[1]))
        return np.asarray(normalize(seen @ self.axes.T, copy=False), np.float32)


def projection(weights: Weights, sample: Sequence[str], dimensions: int, decomposition: Any) -> Projection:
    """The axes of a sample of the captions, by truncated SVD; all of its terms where those are few.

    A term that no caption of the sample has would have no share in any axis.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits

    rows = weights.rows(sample)
    terms = np.unique(rows.indices)
    places = np.full(len(weights.idf), -1, np.int32)
    places[terms] = np.arange(len(terms), dtype=np.int32)
    rows = rows[:, terms]
    if min(rows.shape) <= dimensions:
        return Projection(weights, np.eye(max(1, len(terms)), len(terms), dtype=np.float32), places)
    # In one thread: the steps are so short that two spend most of their time meeting.
    with threadpool_limits(1):
        axes = decomposition(dimensions, random_state=0).fit(rows).components_
    return Projection(weights, np.asarray(axes, np.float32), places)


def sampled(count: int, size: int = SAMPLE) -> np.ndarray:
    """The places of the captions that the axes are found on, of so many: the same ones each time, rising."""
    import numpy as np

    return np.sort(np.random.default_rng(0).choice(count, min(size, count), replace=False))


class PartVectors:
    """The vectors of captions, float32 of shape (n, d), made whenever they are read: of a million they take 400 MB."""

    def __init__(self, found: Projection | None, texts: Sequence[str], read: Callable[[int], object]) -> None:
        self._found = found
        self._texts = texts
        self._read = read
        self.shape: tuple[int, int] = (len(texts), len(found.axes) if found is not None else 1)

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, part: slice) -> np.ndarray:
        import numpy as np

        texts = self._texts[part]
        self._read(len(texts))
        return np.zeros((len(texts), 1), np.float32) if self._found is None else self._found.transform(texts)


def vectors_by_parts(
    texts: Sequence[str], dimensions: int, decomposition: Any, read: Callable[[int], object] = lambda count: None
) -> PartVectors:
    """The vectors of captions, `dimensions` of them at most, by what all captions say.

    `read` hears of so many captions that were gone through, here and whenever vectors are read, and may raise.
    """

    def counted() -> Iterator[Frequencies]:
        for start in range(0, len(texts), _PART):
            part = texts[start : start + _PART]
            read(len(part))
            yield partial(part)

    weights = weights_of(combine(counted()))
    if not weights.columns:
        return PartVectors(None, texts, read)
    sample = texts_at(texts, sampled(len(texts)))
    return PartVectors(projection(weights, sample, dimensions, decomposition), texts, read)
