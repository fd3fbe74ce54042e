"""How alike two pictures are by their grey points: as a whole, or one as a part of the other."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from lib.review.duplicates.thumbs import SIDE

if TYPE_CHECKING:
    import numpy as np

SMALLEST_PART = 18
"""Of the 32 points of a side: a part that is smaller than 56 % of its whole is not looked for."""
_STRETCH = 2
"""A part may have another shape than the whole, by so many points."""
_FAR = 0.1
_PAIRS_AT_ONCE = 64
_TINY = 1e-3


def levelled(thumbs: np.ndarray) -> np.ndarray:
    """Rows of mean 0 and length 1, shape (n, 1024): their product is the correlation, whatever the brightness."""
    import numpy as np

    centred = thumbs - thumbs.mean(1, keepdims=True)
    return np.asarray(centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), _TINY), np.float32)


def part_likeness(whole: np.ndarray, part: np.ndarray, wanted: float = 0.0) -> np.ndarray:
    """The best correlation of each part with any place in its whole, by normalised cross-correlation; shape (n,).

    Both are thumbs of shape (n, 1024). Parts of 56 to 97 % of the whole's sides are looked for. What is far from
    `wanted` on 16 by 16 points is looked at no closer: that leaves a twentieth, in a tenth of the time.
    """
    import numpy as np

    found = np.zeros(len(whole), np.float32)
    for start in range(0, len(whole), _PAIRS_AT_ONCE):
        rows = slice(start, start + _PAIRS_AT_ONCE)
        best = _Pairs(halved(whole[rows]), halved(part[rows])).best(_STRETCH // 2)
        near = np.flatnonzero(best >= wanted - _FAR)
        if len(near):
            best[near] = _Pairs(whole[rows][near], part[rows][near]).best(_STRETCH)
        found[rows] = best
    return found


def halved(thumbs: np.ndarray) -> np.ndarray:
    """Half as many points on each side: shape (n, 256) for thumbs of shape (n, 1024)."""
    import numpy as np

    half = round(thumbs.shape[1] ** 0.5) // 2
    return np.asarray(thumbs.reshape(-1, half, 2, half, 2).mean((2, 4)).reshape(len(thumbs), -1))


class _Pairs:
    """Some wholes and parts, with the sums that every window needs."""

    def __init__(self, whole: np.ndarray, part: np.ndarray) -> None:
        self._side = round(whole.shape[1] ** 0.5)
        self._whole = whole.reshape(-1, self._side, self._side)
        self._part = part.reshape(-1, self._side, self._side)
        self._sums = _integral(self._whole)
        self._squares = _integral(self._whole**2)

    def best(self, stretch: int) -> np.ndarray:
        """The best correlation over all sizes whose sides differ by at most so many points."""
        import numpy as np

        best = np.full(len(self._whole), -1.0, np.float32)
        smallest = self._side * SMALLEST_PART // SIDE
        for high in range(smallest, self._side):
            for wide in range(max(smallest, high - stretch), min(self._side, high + stretch + 1)):
                best = np.maximum(best, self._best_place(high, wide))
        return best

    def _best_place(self, high: int, wide: int) -> np.ndarray:
        import numpy as np
        from numpy.lib.stride_tricks import sliding_window_view

        small = shrinking(high, self._side) @ self._part @ shrinking(wide, self._side).T
        small = small - small.mean((1, 2), keepdims=True)
        small /= np.maximum(np.linalg.norm(small, axis=(1, 2), keepdims=True), _TINY)
        windows = sliding_window_view(self._whole, (high, wide), (1, 2))
        rows = windows.reshape(len(windows), -1, high * wide)
        product = (rows @ small.reshape(len(small), -1, 1)).reshape(windows.shape[:3])
        mean = _windows(self._sums, high, wide) ** 2 / (high * wide)
        # A window without any contrast is like nothing.
        spread = np.maximum(_windows(self._squares, high, wide) - mean, high * wide)
        return np.asarray((product / np.sqrt(spread)).max((1, 2)), np.float32)


def _integral(values: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.pad(values.astype(np.float64).cumsum(1).cumsum(2), ((0, 0), (1, 0), (1, 0)))


def _windows(summed: np.ndarray, high: int, wide: int) -> np.ndarray:
    """The sum of each window."""
    import numpy as np

    inner = summed[:, high:, wide:] + summed[:, :-high, :-wide]
    return np.asarray(inner - summed[:, :-high, wide:] - summed[:, high:, :-wide])


@lru_cache(maxsize=2 * SIDE)
def shrinking(points: int, side: int) -> np.ndarray:
    """The matrix of shape (points, side) that makes `points` means of a row of `side`."""
    import numpy as np

    matrix = np.zeros((points, side), np.float32)
    edges = np.arange(points + 1) * side / points
    for row in range(points):
        for column in range(side):
            matrix[row, column] = max(0.0, min(edges[row + 1], column + 1) - max(edges[row], column))
    return np.asarray(matrix / matrix.sum(1, keepdims=True))
