"""One space for pictures and captions, learnt from a dataset's own pairs: regularised canonical correlation.

Both sides are whitened with shrinkage, and the directions in which they go together best are kept, each weighed by how
well (Hotelling 1936; the shrinkage as in Vinod 1976). A few pairs are shrunk more than many.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

DIRECTIONS = 128
WIDEST = 384
"""Values of a picture's vector beyond which its first principal components stand for it."""

_SHRINKAGE = 70.0
_TINY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class JointMap:
    """Leads vectors of pictures and of captions to vectors of length 1 whose product tells how well they fit."""

    _mean: np.ndarray
    _scale: np.ndarray
    _text_mean: np.ndarray
    _of_picture: np.ndarray
    _of_caption: np.ndarray

    def pictures(self, vectors: np.ndarray) -> np.ndarray:
        """Shape (n, d) for picture vectors of shape (n, p)."""
        return unit((vectors - self._mean) / self._scale @ self._of_picture)

    def captions(self, vectors: np.ndarray) -> np.ndarray:
        """Shape (n, d) for caption vectors of shape (n, q)."""
        return unit((vectors - self._text_mean) @ self._of_caption)


def fit(pictures: np.ndarray, captions: np.ndarray) -> JointMap:
    """Learns from pairs: row i of one belongs to row i of the other. Needs two rows at least."""
    import numpy as np

    count = len(pictures)
    mean, scale = pictures.mean(0), pictures.std(0) + 1e-6
    text_mean = captions.mean(0)
    left, right = (pictures - mean) / scale, captions - text_mean
    # A plain number: one of numpy's would make everything that it meets twice as wide.
    shrinkage = float(_SHRINKAGE / (count * 1.25) ** 0.5)
    to_left = _inverse_root(left.T @ left / count, shrinkage)
    to_right = _inverse_root(right.T @ right / count, shrinkage)
    ours, weights, theirs = np.linalg.svd(to_left @ (left.T @ right / count) @ to_right, full_matrices=False)
    kept = min(DIRECTIONS, len(weights))
    return JointMap(
        mean,
        scale,
        text_mean,
        to_left @ ours[:, :kept] * weights[:kept],
        to_right @ theirs[:kept].T * weights[:kept],
    )


def unit(rows: np.ndarray) -> np.ndarray:
    """Each row with length 1; rows of zeros stay."""
    import numpy as np

    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), _TINY))


def narrowed(pictures: np.ndarray) -> np.ndarray:
    """Vectors that are not too wide to be whitened in a moment: principal components where there are very many values.

    Says nothing of captions, so it may be made of all rows at once.
    """
    import numpy as np

    if pictures.shape[1] <= WIDEST:
        return pictures
    centred = (pictures - pictures.mean(0)) / (pictures.std(0) + 1e-6)
    _, directions = np.linalg.eigh(centred.T @ centred)
    return np.asarray(centred @ directions[:, -WIDEST:], np.float32)


def _inverse_root(covariance: np.ndarray, shrinkage: float) -> np.ndarray:
    import numpy as np

    size = len(covariance)
    ridge = max(shrinkage * float(np.trace(covariance)) / size, _TINY)
    values, directions = np.linalg.eigh(covariance + ridge * np.eye(size, dtype=covariance.dtype))
    return np.asarray(directions / np.sqrt(np.maximum(values, ridge)) @ directions.T)
