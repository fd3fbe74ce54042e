"""The nearest rows of each row of a matrix: exact for some ten thousand, within cells for more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.clustering.by_parts import MANY
from lib.clustering.kmeans import partition

if TYPE_CHECKING:
    import numpy as np

NEIGHBOURS = 12
"""Of each row, itself included, that a map is made by: with more of them fewer of the nearest stay near."""
EXACT = 20_000
"""Rows up to which each is compared with each: for more of them that takes longer than the map itself."""
_BLOCK = 16_000_000
"""Distances that are held at once: 64 MB."""
_SAMPLE = 10_000
_HALVINGS = 40
_VISITED, _VISITED_TO_PLACE = 12, 4
"""Cells in which the neighbours of a row are looked for; for a place on the map fewer do."""
_AROUND = 5
"""Neighbours that a new sample is placed among."""


def nearest(
    points: np.ndarray, count: int, check: Callable[[], object] = lambda: None
) -> tuple[np.ndarray, np.ndarray]:
    """Places (int64) and distances (float32), each of shape (n, count), of the rows nearest to each row of `points`.

    The row itself comes first. Above `EXACT` rows nine in ten of the neighbours are found. `check` is called between
    blocks and may raise.
    """
    import numpy as np

    found = np.empty((len(points), count), np.int64), np.empty((len(points), count), np.float32)
    everyone = np.arange(len(points))
    groups = [(everyone, everyone)] if len(points) <= EXACT else _cells(points, points, count, _VISITED, check)
    for rows, candidates in groups:
        places, found[1][rows] = nearest_among(points[rows], points[candidates], count, check)
        found[0][rows] = candidates[places]
    _self_first(found)
    return found


def nearest_among(
    rows: np.ndarray, others: np.ndarray, count: int, check: Callable[[], object] = lambda: None
) -> tuple[np.ndarray, np.ndarray]:
    """Places in `others` and distances of the `count` nearest to each of `rows`, the nearest first.

    `check` is called now and then and may raise.
    """
    import numpy as np

    places, distances = np.empty((len(rows), count), np.int64), np.empty((len(rows), count), np.float32)
    size = max(1, _BLOCK // len(others))
    for start in range(0, len(rows), size):
        check()
        part = slice(start, start + size)
        places[part], distances[part] = _block(rows[part], others, count)
    return places, distances


def _block(rows: np.ndarray, others: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    squares = (rows @ others.T) * -2
    squares += np.square(others).sum(axis=1)
    squares += np.square(rows).sum(axis=1)[:, None]
    places = np.argpartition(squares, count - 1, axis=1)[:, :count]
    distances = np.take_along_axis(squares, places, 1)
    order = np.argsort(distances, axis=1, kind="stable")
    distances = np.sqrt(np.maximum(np.take_along_axis(distances, order, 1), 0))
    return np.take_along_axis(places, order, 1), distances


def middle_of_nearest(
    rows: np.ndarray, others: np.ndarray, places: np.ndarray, check: Callable[[], object] = lambda: None
) -> np.ndarray:
    """For each of `rows` the middle of the places (m, 2) of the five of `others` (m, d) that are nearest to it.

    The middle one along each axis: a mean would fall between islands. Of more than `MANY` in all the nearest are looked
    for within cells. `check` is called now and then and may raise.
    """
    import numpy as np

    count = min(_AROUND, len(others))
    found = np.empty((len(rows), places.shape[1]), np.float32)
    everyone = np.arange(len(rows)), np.arange(len(others))
    few = len(others) <= EXACT or len(rows) + len(others) <= MANY
    for here, there in [everyone] if few else _cells(rows, others, count, _VISITED_TO_PLACE, check):
        near, _ = nearest_among(rows[here], others[there], count, check)
        found[here] = np.median(places[there[near]], axis=1)
    return found


def _cells(
    points: np.ndarray, others: np.ndarray, count: int, visited: int, check: Callable[[], object]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The rows of each cell, and of `others` those in the cells around it, among which their neighbours are sought."""
    import numpy as np

    sample = others[np.sort(np.random.default_rng(0).choice(len(others), _SAMPLE, replace=False))]
    centres = partition(sample, round(len(others) ** 0.5), check=check).centres
    theirs = _members(others, centres, check)
    members = theirs if others is points else _members(points, centres, check)
    around = nearest_among(centres, centres, len(centres))[0]
    pairs = zip(members, around, strict=True)
    return [(rows, _candidates(theirs, near, count, visited)) for rows, near in pairs if len(rows)]


def _members(points: np.ndarray, centres: np.ndarray, check: Callable[[], object]) -> list[np.ndarray]:
    """The rows that are nearest to each centre."""
    import numpy as np

    labels = nearest_among(points, centres, 1, check)[0][:, 0]
    order = np.argsort(labels, kind="stable")
    return np.split(order, np.cumsum(np.bincount(labels, minlength=len(centres)))[:-1])


def _candidates(members: list[np.ndarray], near: np.ndarray, count: int, visited: int) -> np.ndarray:
    """The rows of the nearest cells, of more than `visited` where those have too few."""
    import numpy as np

    visited = min(visited, len(near))
    while sum(len(members[cell]) for cell in near[:visited]) < count:
        visited += 1
    return np.concatenate([members[cell] for cell in near[:visited]])


def _self_first(found: tuple[np.ndarray, np.ndarray]) -> None:
    """Among equal rows the row itself may stand anywhere, or not at all: it takes the first place."""
    import numpy as np

    places, distances = found
    everyone = np.arange(len(places))
    at = (places == everyone[:, None]).argmax(axis=1)
    places[everyone, at] = places[:, 0]
    places[:, 0] = everyone
    distances[:, 0] = 0


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Who is whose neighbour, in both directions: places of heads and tails, and weights above 0, the largest 1."""

    heads: np.ndarray
    tails: np.ndarray
    weights: np.ndarray


def edges_of(points: np.ndarray, check: Callable[[], object] = lambda: None) -> Edges:
    """The fuzzy neighbourhoods of the rows of `points` (McInnes, Healy and Melville 2018, UMAP, section 3.1)."""
    import numpy as np
    from scipy.sparse import csr_matrix

    count = min(NEIGHBOURS, len(points))
    places, distances = nearest(points, count, check)
    weights = _memberships(distances[:, 1:]).ravel()
    heads = np.repeat(np.arange(len(points)), count - 1)
    one_way = csr_matrix((weights, (heads, places[:, 1:].ravel())), (len(points), len(points)))
    other = one_way.T.tocsr()
    both = (one_way + other - one_way.multiply(other)).tocoo()
    return Edges(both.row, both.col, (both.data / both.data.max()).astype(np.float32))


def _memberships(distances: np.ndarray) -> np.ndarray:
    """How much of a neighbour each one is: 1 for the nearest, all of a row together log2 of their number."""
    import numpy as np

    beyond = np.maximum(distances - distances[:, :1], 0)
    low, high = np.zeros(len(beyond)), np.full(len(beyond), np.inf)
    width, wanted = np.ones(len(beyond)), np.log2(beyond.shape[1] + 1)
    for _ in range(_HALVINGS):
        is_wide = np.exp(-beyond / width[:, None]).sum(axis=1) > wanted
        high, low = np.where(is_wide, width, high), np.where(is_wide, low, width)
        width = np.where(np.isinf(high), width * 2, (low + high) / 2)
    # Where neighbours are equal, or nearly, no width is narrow enough.
    width = np.maximum(width, 1e-3 * max(float(distances.mean()), 1e-12))
    return np.asarray(np.maximum(np.exp(-beyond / width[:, None]), 1e-6))
