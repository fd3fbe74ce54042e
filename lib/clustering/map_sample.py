"""A map of more samples than a browser can draw: some points of each cluster, and how thick all of them lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_PIECE = 65_536

Window = tuple[float, float, float, float]
"""A part of the map: left, right, bottom, top."""


def map_sample(
    labels: np.ndarray,
    xy: np.ndarray,
    most: int = 30_000,
    least: int = 50,
    *,
    window: Window | None = None,
    seed: int = 0,
) -> np.ndarray:
    """The rows to show of a map, rising: all of them where they are no more than `most`, else so many.

    `labels` (n) are the numbers of their clusters, `xy` (n, 2) their places. Of each cluster at least `least` (all of a
    smaller one; evenly fewer where there are too many clusters for that), of the rest each has a share by its size.
    With a `window` of what lies in it. Each row is drawn by a lot of its own, so that other clusters of the same
    samples, and samples that come behind them, leave most of the points where they are.
    """
    import numpy as np

    rows: np.ndarray | slice = slice(None)
    if window is not None:
        left, right, bottom, top = window
        x, y = xy[:, 0], xy[:, 1]
        rows = np.flatnonzero((x >= left) & (x <= right) & (y >= bottom) & (y <= top))
    mine = labels[rows]
    if len(mine) <= most:
        return np.arange(len(mine)) if isinstance(rows, slice) else rows
    found, sizes = np.unique(mine, return_counts=True)
    wanted = _shares(sizes, most, min(least, most // len(found)))
    lots = np.random.default_rng(seed).random(len(labels))[rows]
    # Only within each cluster: to sort all by cluster and lot took 60 MB for a million.
    members = np.split(np.argsort(mine, kind="stable"), np.cumsum(sizes)[:-1])
    drawn = [one[np.argsort(lots[one])[:count]] for one, count in zip(members, wanted.tolist(), strict=True)]
    chosen = np.sort(np.concatenate(drawn))
    return chosen if isinstance(rows, slice) else rows[chosen]


def _shares(sizes: np.ndarray, most: int, least: int) -> np.ndarray:
    """How many of each cluster: `least` or all of it, and what is left by size, the largest remainders first."""
    import numpy as np

    sure = np.minimum(sizes, least)
    left, beyond = most - int(sure.sum()), sizes - sure
    exact = beyond * (left / beyond.sum())
    share = np.floor(exact).astype(np.int64)
    last = np.argsort(share - exact, kind="stable")[: left - int(share.sum())]
    share[last] += 1
    return np.asarray(sure + share)


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """How many points lie in each cell of a grid over `window`: `counts` (rows from the bottom, columns from the left).

    `x` and `y` are the middles of the columns and the rows.
    """

    counts: np.ndarray
    window: Window
    x: np.ndarray
    y: np.ndarray


def density(xy: np.ndarray, shape: tuple[int, int], *, window: Window | None = None) -> Density:
    """The density of points (n, 2) on a grid of so many rows and columns; with a `window` of what lies in it."""
    import numpy as np

    if window is None:
        (left, bottom), (right, top) = xy.min(axis=0), xy.max(axis=0)
        window = float(left), float(right), float(bottom), float(top)
    left, right, bottom, top = window
    # A map of one place has no extent.
    right, top = max(right, left + 1e-6), max(top, bottom + 1e-6)
    counts = np.zeros(shape, np.int64)
    # Piece by piece, since what is made on the way takes four times as much as the points.
    for start in range(0, max(1, len(xy)), _PIECE):
        part = xy[start : start + _PIECE]
        found, y, x = np.histogram2d(part[:, 1], part[:, 0], shape, ((bottom, top), (left, right)))
        counts += found.astype(np.int64)
    return Density(counts, window, (x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2)
