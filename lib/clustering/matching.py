"""Clusters keep number and colour from one run to the next where they hold the same samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.clustering.base import ClusterResult
from lib.column_texts import match_places

if TYPE_CHECKING:
    import numpy as np

_SHARED = 0.3
"""Of the smaller one of two clusters, from which on they are taken for the same."""


@dataclass(frozen=True, slots=True)
class Kept:
    """For each cluster of a new run, as it was numbered by size: its number from now on, and its colour."""

    numbers: tuple[int, ...]
    colours: tuple[int, ...]


def keep_numbers(names: Sequence[str], labels: np.ndarray, k: int, before: ClusterResult | None) -> Kept:
    """Numbers and colours for k clusters: those that clusters of `before` had, where they overlap most.

    By the assignment of the largest overlap in all (Kuhn 1955, the Hungarian method). A number that is not below k is
    given up, its colour is not.
    """
    if before is None:
        return Kept(tuple(range(k)), tuple(range(k)))
    same = _pairs(names, labels, k, before)
    numbers = _filled([old if (old := same.get(new)) is not None and old < k else None for new in range(k)])
    had = [before.clusters[same[new]].colour if new in same else None for new in range(k)]
    return Kept(numbers, _filled(had))


def _pairs(names: Sequence[str], labels: np.ndarray, k: int, before: ClusterResult) -> dict[int, int]:
    """The cluster before by the new one, where the two are much the same."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    rows, olds = match_places(names, before.names), len(before.clusters)
    there = rows >= 0
    pairs_at = labels[there].astype(np.int64) * olds + before.labels[rows[there]]
    shared = np.bincount(pairs_at, minlength=k * olds).reshape(k, olds)
    smaller = np.minimum(shared.sum(axis=1)[:, None], shared.sum(axis=0)[None])
    pairs = zip(*linear_sum_assignment(shared, maximize=True), strict=True)
    return {int(new): int(old) for new, old in pairs if shared[new, old] > _SHARED * smaller[new, old]}


def _filled(kept: list[int | None]) -> tuple[int, ...]:
    """The same with the lowest free number in each empty place."""
    taken = {number for number in kept if number is not None}
    free = iter(sorted(set(range(len(kept) + len(taken))) - taken))
    return tuple(next(free) if number is None else number for number in kept)
