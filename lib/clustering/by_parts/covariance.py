"""Principal components by parts: sums of products about a mean, and the axes that they lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

SLICE = 4_096
"""Rows that are worked on at once, however long the blocks are."""


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Of `count` rows of d values: `mean`, and the `scatter` about it (the sum of outer products), all float64."""

    count: int
    mean: np.ndarray
    scatter: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Axes:
    """`centre` (d) and `axes` (d, c), float32; `variance`: the share of all of it along each of the c axes.

    `spread`: the mean variance of a coordinate along the axes.
    """

    centre: np.ndarray
    axes: np.ndarray
    variance: np.ndarray
    spread: float

    def project(self, rows: np.ndarray) -> np.ndarray:
        """The coordinates of rows (n, d) along the axes: float32 of shape (n, c)."""
        import numpy as np

        return np.asarray((rows - self.centre) @ self.axes)


def partial(blocks: Iterable[np.ndarray], *, exact: bool = True, check: Callable[[], object] = lambda: None) -> Moments:
    """The moments of some blocks of rows (n, d), of one row at least.

    Summed up about the mean of the first rows, so that nothing is lost by subtracting large numbers. `exact`: products
    in float64, so that how rows are cut into parts does not show in the seventh digit, where the start of K-Means may
    hang on it; else in float32 by slices, in half the time. `check` is called before each slice and may raise.
    """
    import numpy as np

    count, origin = 0, None
    for rows in _slices(blocks):
        check()
        if origin is None:
            origin = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
            gram, total = np.zeros((len(origin), len(origin))), np.zeros(len(origin))
        about = rows.astype(np.float64) - origin if exact else rows - origin
        gram += about.T @ about
        total += about.sum(axis=0)
        count += len(rows)
    if origin is None:
        raise ValueError("moments of no rows")
    gram -= np.outer(total, total) / count
    return Moments(count, origin + total / count, gram)


def combine(parts: Iterable[Moments]) -> Moments:
    """The moments of all rows from those of the parts (Chan, Golub and LeVeque 1979).

    Raises ValueError where there is no part.
    """
    import numpy as np

    every = iter(parts)
    if (first := next(every, None)) is None:
        raise ValueError("moments of no rows")
    count, mean, scatter = first.count, first.mean.copy(), first.scatter.copy()
    for part in every:
        apart, both = part.mean - mean, count + part.count
        scatter += part.scatter
        scatter += np.outer(apart, apart) * (count * part.count / both)
        mean += apart * (part.count / both)
        count = both
    return Moments(count, mean, scatter)


def principal_axes(moments: Moments, dimensions: int) -> Axes:
    """The first principal axes, at most `dimensions`. Uses up the moments' scatter. The same input, the same signs."""
    import numpy as np
    from scipy.linalg import eigh
    from threadpoolctl import threadpool_limits

    count, gram = moments.count, moments.scatter
    width = len(gram)
    whole = max(float(np.trace(gram)), np.finfo(np.float32).tiny)
    kept = max(1, min(dimensions, width, count - 1))
    # In one thread: two meet thousands of times in there, and on a busy host wait ten times longer than they work.
    with threadpool_limits(1, user_api="blas"):
        values, vectors = eigh(gram, subset_by_index=(width - kept, width - 1), overwrite_a=True)
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    # An eigenvector's sign is anybody's choice: its largest value is made positive.
    vectors = vectors * np.where(vectors[np.abs(vectors).argmax(axis=0), np.arange(kept)] < 0, -1, 1)
    spread = float(values.mean()) / count
    return Axes(moments.mean.astype(np.float32), vectors.astype(np.float32), values / whole, spread)


def _slices(blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    for block in blocks:
        for start in range(0, len(block), SLICE):
            yield block[start : start + SLICE]
