"""Principal components of a matrix that is read in slices, so that no second copy of it is ever made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.clustering.base import Matrix
from lib.clustering.by_parts import MANY
from lib.clustering.by_parts.covariance import SLICE, partial, principal_axes

if TYPE_CHECKING:
    import numpy as np

DIMENSIONS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """`points`: float32 of shape (n, d); `variance`: the share of the whole variance in each of the d dimensions."""

    points: np.ndarray
    variance: np.ndarray


def reduce(matrix: Matrix, dimensions: int = DIMENSIONS, check: Callable[[], object] = lambda: None) -> Reduced:
    """The first principal components, at most `dimensions` and never fewer than two (the map has two axes).

    Eigenvectors of the covariance matrix, which is summed up slice by slice (Jolliffe, Principal Component Analysis,
    2002, 3.5): exact, and several times faster than a decomposition of the matrix itself while its rows are no longer
    than a few thousand values. The same input gives the same signs. Above `MANY` rows what comes out is what comes out
    by parts. `check` is called between slices and may raise.
    """
    import numpy as np

    count = matrix.shape[0]
    moments = partial((matrix[rows] for rows in _slices(count)), exact=count > MANY, check=check)
    axes = principal_axes(moments, dimensions)
    kept = len(axes.variance)
    points = np.zeros((count, max(2, kept)), np.float32)
    for rows in _slices(count):
        check()
        points[rows, :kept] = axes.project(matrix[rows])
    variance = np.zeros(points.shape[1])
    variance[:kept] = axes.variance
    return Reduced(points, variance)


def _slices(count: int) -> Iterator[slice]:
    return (slice(start, start + SLICE) for start in range(0, count, SLICE))
