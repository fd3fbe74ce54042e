"""Clusters of parts: four kinds of pass over them, each run wherever the parts lie."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from lib.clustering.by_parts import covariance, lloyd
from lib.clustering.by_parts.covariance import Axes, Moments
from lib.clustering.by_parts.lloyd import LloydStep
from lib.clustering.kmeans import STEPS, partition, sampled_rows, start_centres
from lib.clustering.reduce import DIMENSIONS

if TYPE_CHECKING:
    import numpy as np

Given = TypeVar("Given")
PassAnswer = TypeVar("PassAnswer")


class VectorPart(Protocol):
    """Some rows that can be gone through again and again. One that is to be sent to a process can be pickled."""

    def __call__(self) -> Iterable[np.ndarray]:
        """The rows in their order, as blocks: float32 of shape (n, d)."""


class MapOver(Protocol):
    """Runs a pass: what a function gives for each item, in the order of the items, as `map` does.

    It may do so in other processes: functions and items can be pickled, answers are small.
    """

    def __call__(self, function: Callable[[Given], PassAnswer], items: Sequence[Given], /) -> Iterable[PassAnswer]: ...


def in_turn(function: Callable[[Given], PassAnswer], items: Sequence[Given], /) -> Iterable[PassAnswer]:
    """One item after the other, here."""
    return map(function, items)


@dataclass(frozen=True, slots=True, eq=False)
class FittedClusters:
    """Clusters, the largest first: `centres` (k, c) along the axes, float32, their `sizes`, and the inertia."""

    axes: Axes
    centres: np.ndarray
    sizes: tuple[int, ...]
    inertia: float

    def assign(self, blocks: Iterable[np.ndarray]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """For each block of rows the numbers of their clusters, int32, and their coordinates along the axes."""
        import numpy as np

        for points in _projected(self.axes, blocks):
            yield lloyd.nearest_centres(points, self.centres).astype(np.int32), points


def fit(
    parts: Sequence[VectorPart],
    k: int,
    components: int = DIMENSIONS,
    seed: int = 0,
    map_over: MapOver = in_turn,
    check: Callable[[], object] = lambda: None,
) -> FittedClusters:
    """At most k clusters of all rows of the parts, k from 1 to their number, upon `components` principal axes at most.

    What `reduce` and `partition` make of the same rows in one matrix: the start is that of the same sample, all the
    rest are sums, and neither the number of parts nor their sizes change it. The parts are gone through 29 times at
    most; no more than the sample (10,000 rows, or 20 k) is ever held here. A part may be empty. `check` is called
    before each pass and may raise. Raises ValueError where there is no row at all.
    """
    check()
    axes, counts = axes_of(parts, components, map_over)
    check()
    sample = rows_of(parts, counts, sampled_rows(sum(counts), k, seed), axes, map_over)
    if len(sample) == sum(counts):
        return _of_few(axes, sample, k, seed, check)

    def step(centres: np.ndarray) -> LloydStep:
        check()
        return lloyd.combine(map_over(functools.partial(_step, axes, centres), parts))

    start = start_centres(sample, k, seed, check)
    return _ordered(axes, *lloyd.descend(step, start, axes.spread, STEPS))


def axes_of(parts: Sequence[VectorPart], components: int, map_over: MapOver = in_turn) -> tuple[Axes, list[int]]:
    """The principal axes of all rows, `components` at most, and how many rows each part has."""
    counts: list[int] = []

    def told() -> Iterator[Moments]:
        for found in map_over(_moments, parts):
            counts.append(found.count if found is not None else 0)
            if found is not None:
                yield found

    return covariance.principal_axes(covariance.combine(told()), components), counts


def rows_of(
    parts: Sequence[VectorPart], counts: Sequence[int], rows: np.ndarray, axes: Axes, map_over: MapOver = in_turn
) -> np.ndarray:
    """The coordinates of some rows, by their places in all, rising: float32 of shape (n, c)."""
    import numpy as np

    ends = np.cumsum(counts)
    wanted = np.split(rows, np.searchsorted(rows, ends[:-1]))
    asked = [
        (part, places - (end - count)) for part, places, end, count in zip(parts, wanted, ends, counts, strict=True)
    ]
    return np.concatenate(list(map_over(functools.partial(_chosen, axes), [one for one in asked if len(one[1])])))


def _moments(part: VectorPart) -> Moments | None:
    blocks = (block for block in part() if len(block))
    first = next(blocks, None)
    return None if first is None else covariance.partial(_again(first, blocks))


def _again(first: np.ndarray, rest: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    yield first
    yield from rest


def _chosen(axes: Axes, asked: tuple[VectorPart, np.ndarray]) -> np.ndarray:
    import numpy as np

    part, rows = asked
    found, before = [], 0
    for block in part():
        inside = rows[(rows >= before) & (rows < before + len(block))] - before
        if len(inside):
            found.append(axes.project(block[inside]))
        before += len(block)
    return np.concatenate(found)


def _step(axes: Axes, centres: np.ndarray, part: VectorPart) -> LloydStep:
    return lloyd.partial(_projected(axes, part()), centres)


def _projected(axes: Axes, blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """The coordinates of rows, by slices: a block may be all of a part, in a file that is mapped."""
    for block in blocks:
        for rows in lloyd.slices(len(block)):
            yield axes.project(block[rows])


def _of_few(axes: Axes, points: np.ndarray, k: int, seed: int, check: Callable[[], object]) -> FittedClusters:
    """All rows are in the sample: what `partition` makes of them."""
    import numpy as np

    found = partition(points, k, seed, check)
    return FittedClusters(axes, found.centres, tuple(np.bincount(found.labels).tolist()), found.inertia)


def _ordered(axes: Axes, centres: np.ndarray, step: LloydStep) -> FittedClusters:
    """Numbers clusters as `partition` does: by size, then by which comes first. Empty ones vanish."""
    import numpy as np

    order = np.lexsort((step.first, -step.counts))[: np.count_nonzero(step.counts)]
    return FittedClusters(axes, centres[order], tuple(step.counts[order].tolist()), step.inertia)
