"""Principal components of a matrix that is read in slices, so that no second copy of it is ever made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.clustering.base import Matrix

if TYPE_CHECKING:
    import numpy as np

DIMENSIONS = 50
_ROWS = 4_096


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """`points`: float32 of shape (n, d); `variance`: the share of the whole variance in each of the d dimensions."""

    points: np.ndarray
    variance: np.ndarray


def reduce(matrix: Matrix, dimensions: int = DIMENSIONS, check: Callable[[], object] = lambda: None) -> Reduced:
    """The first principal components, at most `dimensions` and never fewer than two (the map has two axes).

    Eigenvectors of the covariance matrix, which is summed up slice by slice (Jolliffe, Principal Component Analysis,
    2002, 3.5): exact, and several times faster than a decomposition of the matrix itself while its rows are no longer
    than a few thousand values. The same input gives the same signs. `check` is called between slices and may raise.
    """
    import numpy as np
    from scipy.linalg import eigh
    from threadpoolctl import threadpool_limits

    count, width = matrix.shape
    origin = matrix[0:_ROWS].mean(axis=0, dtype=np.float64).astype(np.float32)
    # Sums of float32 slices in float64, about a point near the mean: nothing is lost by subtracting large numbers.
    gram, total = np.zeros((width, width)), np.zeros(width)
    for part in _slices(count):
        check()
        rows = matrix[part] - origin
        gram += rows.T @ rows
        total += rows.sum(axis=0)
    gram -= np.outer(total, total) / count
    whole = max(float(np.trace(gram)), np.finfo(np.float32).tiny)
    kept = max(1, min(dimensions, width, count - 1))
    # In one thread: two meet thousands of times in there, and on a busy host wait ten times longer than they work.
    with threadpool_limits(1, user_api="blas"):
        values, vectors = eigh(gram, subset_by_index=(width - kept, width - 1), overwrite_a=True)
    values, vectors = values[::-1], vectors[:, ::-1]
    # An eigenvector's sign is anybody's choice: its largest value is made positive.
    vectors = vectors * np.where(vectors[np.abs(vectors).argmax(axis=0), np.arange(kept)] < 0, -1, 1)
    axes = vectors.astype(np.float32)
    centre = (origin + total / count).astype(np.float32)
    points = np.zeros((count, max(2, kept)), np.float32)
    for part in _slices(count):
        check()
        points[part, :kept] = (matrix[part] - centre) @ axes
    variance = np.zeros(points.shape[1])
    variance[:kept] = np.maximum(values, 0) / whole
    return Reduced(points, variance)


def _slices(count: int) -> Iterator[slice]:
    return (slice(start, start + _ROWS) for start in range(0, count, _ROWS))
