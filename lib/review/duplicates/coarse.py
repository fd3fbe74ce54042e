"""Parts on 8 by 8 points: which pairs are worth a closer look, for very many pairs in a moment."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from lib.review.duplicates.likeness import SMALLEST_PART, halved, levelled, shrinking
from lib.review.duplicates.thumbs import SIDE

if TYPE_CHECKING:
    import numpy as np

MARGIN = 0.3
_POINTS = 8
_WHOLES_AT_ONCE = 256
_TINY = 1e-3


def coarse_likeness(thumbs: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """The best correlation of each pair's second picture, as a part, with any place in its first; shape (pairs,).

    `thumbs` have shape (n, 1024), `pairs` shape (pairs, 2). Of 2,000 cuttings of photos all lay less than 0.2 below
    what 32 by 32 points give; of 360 of drawings with hard edges two lay more than `MARGIN` below.

    The product of a window with a part that was shrunk to its size is the product of the window, spread out over the
    part's 8 by 8 points, with the part: so each whole is one matrix for all its parts.
    """
    import numpy as np

    points = levelled(halved(halved(thumbs)))
    lengths = _lengths(points)
    order = np.argsort(pairs[:, 0], kind="stable")
    wholes, starts = np.unique(pairs[order, 0], return_index=True)
    ends = np.append(starts[1:], len(order))
    found = np.empty(len(pairs), np.float32)
    for start in range(0, len(wholes), _WHOLES_AT_ONCE):
        spread, shapes = _windows(points[wholes[start : start + _WHOLES_AT_ONCE]])
        for row, windows in enumerate(spread, start):
            places = order[starts[row] : ends[row]]
            parts = pairs[places, 1]
            found[places] = (windows @ points[parts].T / lengths[:, parts][shapes]).max(0)
    return found


@lru_cache(maxsize=1)
def _shapes() -> list[tuple[int, int, np.ndarray]]:
    """Height and width of each size that a part may have in its whole, and how 64 points are shrunk to it, centred."""
    import numpy as np

    smallest = _POINTS * SMALLEST_PART // SIDE
    found = []
    for high in range(smallest, _POINTS):
        for wide in range(max(smallest, high - 1), min(_POINTS, high + 2)):
            matrix = np.kron(shrinking(high, _POINTS), shrinking(wide, _POINTS))
            found.append((high, wide, np.asarray(matrix - matrix.mean(0), np.float32)))
    return found


def _lengths(points: np.ndarray) -> np.ndarray:
    """How long each picture is when it is shrunk to each of the sizes; shape (sizes, n)."""
    import numpy as np

    return np.stack([np.maximum(np.linalg.norm(points @ matrix.T, axis=1), _TINY) for _, _, matrix in _shapes()])


def _windows(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All windows of some wholes, of length 1 and spread out, shape (n, windows, 64), and the size of each."""
    import numpy as np
    from numpy.lib.stride_tricks import sliding_window_view

    square = points.reshape(-1, _POINTS, _POINTS)
    found, sizes = [], []
    for size, (high, wide, matrix) in enumerate(_shapes()):
        windows = sliding_window_view(square, (high, wide), (1, 2)).reshape(len(square), -1, high * wide)
        centred = windows - windows.mean(2, keepdims=True)
        found.append((centred / np.maximum(np.linalg.norm(centred, axis=2, keepdims=True), _TINY)) @ matrix)
        sizes += [size] * windows.shape[1]
    return np.concatenate(found, 1), np.asarray(sizes)
