"""A word that is said of pictures of one look, and does not belong there: the same mistake, many times.

The map of a whole dataset learns such a mistake and finds it right. So what the word looks like is learnt from its uses
in all the other clusters of pictures, and this cluster's uses are held against that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.clustering.kmeans import partition
from lib.domain import ImageRecord
from lib.review.agreement.base import NAME
from lib.review.agreement.out_of_fold import FOLDS
from lib.review.findings import Finding
from lib.text import counted, words
from lib.words import stop_words

if TYPE_CHECKING:
    import numpy as np

FEWEST = 5
"""Uses of a word in a cluster, and outside of it, below which it may be chance."""

_FEWEST_SAMPLES = 100
_MOST_WORDS = 500
_MOST_CLUSTERS = 40
_RIDGE = 300.0
_UNLIKE = 2.5
"""Standard errors by which this cluster's uses lie below the others in what a picture with that word looks like."""
_SURPRISE = 8.0
"""Standard errors by which the word is said more often here than the pictures alone would lead to expect. Of right
captions of 1,900 photos nothing reaches both; of ten words that were planted seven do.
"""


@dataclass(frozen=True, slots=True, eq=False)
class _Words:
    """The frequent words, and which sample has which: bool of shape (n, words)."""

    names: tuple[str, ...]
    said: np.ndarray


def systematic_words(
    records: Sequence[ImageRecord], vectors: np.ndarray, check: Callable[[], None] = lambda: None
) -> Iterator[Finding]:
    """A finding for each such word and cluster, `vectors` the records' pictures. Raises what `check` does."""
    import numpy as np

    if len(records) < _FEWEST_SAMPLES:
        return
    points = ((vectors - vectors.mean(0)) / (vectors.std(0) + 1e-6)).astype(np.float32)
    clusters = min(_MOST_CLUSTERS, max(4, round(len(records) ** 0.5 / 2)))
    labels = partition(points, clusters, check=check).labels
    vocabulary = _frequent(records)
    if not vocabulary.names:
        return
    elsewhere = _out_of_fold(points, vocabulary.said)
    for cluster in range(int(labels.max()) + 1):
        check()
        yield from _in_cluster(records, points, vocabulary, elsewhere, labels == cluster)


def _in_cluster(
    records: Sequence[ImageRecord], points: np.ndarray, vocabulary: _Words, elsewhere: np.ndarray, inside: np.ndarray
) -> Iterator[Finding]:
    import numpy as np

    uses, outside = vocabulary.said[inside].sum(0), vocabulary.said[~inside].sum(0)
    # What is said of every other picture, as a trigger word is, has none to be told from.
    wanted = np.flatnonzero((uses >= FEWEST) & (outside >= FEWEST) & (outside < (~inside).sum()))
    here = _predicted(points[~inside], vocabulary.said[~inside][:, wanted], points[inside])
    for column, word in enumerate(wanted):
        said = vocabulary.said[:, word]
        without = elsewhere[~inside & ~said, word]
        gap = float(elsewhere[~inside & said, word].mean() - here[said[inside], column].mean())
        unlike = gap / (float(without.std()) + 1e-9) * (uses[word] * outside[word] / (uses + outside)[word]) ** 0.5
        expected = max(float(here[:, column].sum()), 0.5)
        surprise = (int(uses[word]) - expected) / expected**0.5
        if unlike >= _UNLIKE and surprise >= _SURPRISE:
            names = [records[int(row)].name for row in np.flatnonzero(inside & said)]
            yield _finding(vocabulary.names[word], names, expected, surprise)


def _finding(word: str, names: list[str], expected: float, surprise: float) -> Finding:
    text = (
        f"“{word}” is said of {counted(len(names), 'picture')} that look alike. By what the others with this word look"
        f" like, it would be said of about {round(expected)} of them."
    )
    return Finding(NAME, "systematic", tuple(names), "warning", text, rank=-surprise)


def _frequent(records: Sequence[ImageRecord]) -> _Words:
    """The words that are said often enough of pictures, function words left out."""
    import numpy as np

    left_out = stop_words()
    spoken = [{word for word in words(record.text.lower()) if word not in left_out} for record in records]
    counts = Counter(word for one in spoken for word in one)
    names = tuple(word for word, count in counts.most_common(_MOST_WORDS) if count >= 2 * FEWEST)
    column = {word: place for place, word in enumerate(names)}
    said = np.zeros((len(records), len(names)), bool)
    for row, one in enumerate(spoken):
        said[row, [column[word] for word in one if word in column]] = True
    return _Words(names, said)


def _out_of_fold(points: np.ndarray, said: np.ndarray) -> np.ndarray:
    """How much each picture looks like each word, learnt from other pictures."""
    import numpy as np

    fold = np.random.default_rng(0).permutation(len(points)) % FOLDS
    found = np.zeros(said.shape, np.float32)
    for number in range(FOLDS):
        held = fold == number
        found[held] = _predicted(points[~held], said[~held], points[held])
    return found


def _predicted(points: np.ndarray, said: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Ridge regression of words on pictures."""
    import numpy as np

    mean = said.mean(0)
    square = points.T @ points + _RIDGE * np.eye(points.shape[1], dtype=np.float32)
    return np.asarray(others @ np.linalg.solve(square, points.T @ (said - mean)) + mean, np.float32)
