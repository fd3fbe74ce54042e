"""K-Means with seeds that repeat, and labels that mean the same each time: the largest cluster is number 0."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lib.clustering.by_parts import MANY, lloyd

if TYPE_CHECKING:
    import numpy as np

_SAMPLE = 10_000
_STARTS = 5
_MOST_STEPS = 300
"""Steps of a start on all rows, as many as scikit-learn allows by itself; most need far fewer."""
STEPS = 25
"""Steps of a start on a sample, and of the last improvement. What comes after them changes inertia by less than 1 %."""
_AT_ONCE = 5
"""Steps between two checks: well under a second for 100,000 rows and 500 clusters."""


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """`labels`: int32 of shape (n,); `centres`: float32 of shape (k, d); `inertia`: sum of squared distances."""

    labels: np.ndarray
    centres: np.ndarray
    inertia: float


def partition(points: np.ndarray, k: int, seed: int = 0, check: Callable[[], object] = lambda: None) -> Partition:
    """At most k clusters of the rows of `points`, float32 of shape (n, d), k from 1 to n.

    k-means++ (Arthur and Vassilvitskii 2007), the best of five starts. Above 10,000 rows the starts are run on
    a sample of so many, and the best one is then improved on all rows for some steps: for 100,000 rows that is several
    times faster than the whole way, with the same inertia within a percent. Fewer clusters come out where fewer rows
    are different. Above `MANY` rows the steps on all of them are those of `lib.clustering.by_parts`, which copy
    nothing. `check` is called before each start and every few steps, and may raise.
    """
    import numpy as np

    rows = sampled_rows(len(points), k, seed)
    if len(rows) == len(points):
        with _few_are_fine():
            found = _best_start(_Rows(points, k, check), seed, _MOST_STEPS)
        return _ordered(found.labels_, found.cluster_centers_, float(found.inertia_))
    start = start_centres(points[rows], k, seed, check)
    if len(points) > MANY:
        return _by_slices(points, start, check)
    with _few_are_fine():
        found = _descend(_Rows(points, k, check), start, np.random.RandomState(seed), STEPS)
    return _ordered(found.labels_, found.cluster_centers_, float(found.inertia_))


def sampled_rows(count: int, k: int, seed: int) -> np.ndarray:
    """The rows, of `count`, that starts for k clusters are run on; all of them where they are few."""
    import numpy as np

    size = max(_SAMPLE, 20 * k)
    if count <= size:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, size, replace=False))


def start_centres(points: np.ndarray, k: int, seed: int, check: Callable[[], object] = lambda: None) -> np.ndarray:
    """The centres (k, d) that the best of five starts on a sample leads to."""
    import numpy as np

    with _few_are_fine():
        return np.asarray(_best_start(_Rows(points, k, check), seed, STEPS).cluster_centers_)


@contextmanager
def _few_are_fine() -> Iterator[None]:
    """Without scikit-learn's warning "Number of distinct clusters found smaller than n_clusters", which is expected."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def _by_slices(points: np.ndarray, start: np.ndarray, check: Callable[[], object]) -> Partition:
    import numpy as np

    middle = points.mean(axis=0, dtype=np.float64)
    squares = np.einsum("ij,ij->j", points, points, dtype=np.float64) / len(points)
    spread = float((squares - np.square(middle)).mean())
    centres, step = lloyd.descend(lambda now: lloyd.partial([points], now, check), start, spread, STEPS)
    labels = np.empty(len(points), np.int32)
    for rows in lloyd.slices(len(points)):
        labels[rows] = lloyd.nearest_centres(points[rows], centres)
    return _ordered(labels, centres, step.inertia)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """What is to be put into k clusters; `check` is called now and then meanwhile, and may raise."""

    points: np.ndarray
    k: int
    check: Callable[[], object]


def _best_start(rows: _Rows, seed: int, steps: int) -> Any:
    """The start of the least inertia. scikit-learn's own loop over them, which this repeats, cannot be broken off."""
    import numpy as np

    random = np.random.RandomState(seed)
    starts = [_descend(rows, "k-means++", random, steps) for _ in range(_STARTS)]
    return min(starts, key=lambda start: start.inertia_)


def _descend(rows: _Rows, start: str | np.ndarray, random: Any, steps: int) -> Any:
    """Lloyd's algorithm, a few steps at a time, until nothing changes or there were `steps` of them."""
    from sklearn.cluster import KMeans

    while True:
        rows.check()
        most = min(_AT_ONCE, steps)
        found = KMeans(rows.k, init=start, n_init=1, max_iter=most, random_state=random).fit(rows.points)
        steps -= most
        if found.n_iter_ < most or not steps:
            return found
        start = found.cluster_centers_


def _ordered(labels: np.ndarray, centres: np.ndarray, inertia: float) -> Partition:
    """Numbers clusters by size; equally large ones by which comes first in the data. Empty ones vanish."""
    import numpy as np

    found, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    number = np.zeros(len(centres), np.int32)
    number[found[order]] = np.arange(len(order), dtype=np.int32)
    return Partition(number[labels], centres[found[order]], inertia)
