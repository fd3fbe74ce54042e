"""Lloyd's steps by parts: sums of the members of each cluster, whoever has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

TOLERANCE = 1e-4
"""Steps end when all centres together move less than this share of a coordinate's variance, as in scikit-learn."""
_SLICE = 8_192


@dataclass(frozen=True, slots=True, eq=False)
class LloydStep:
    """What some rows say of k centres: `sums` (k, c) of each one's members, float64, and their `counts`.

    `first`: the place of each one's first member, `rows` where there is none. `inertia`: the sum of squared distances.
    """

    rows: int
    sums: np.ndarray
    counts: np.ndarray
    first: np.ndarray
    inertia: float


def slices(count: int) -> Iterator[slice]:
    """So many rows, a few thousand at a time."""
    return (slice(start, start + _SLICE) for start in range(0, count, _SLICE))


def nearest_centres(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """The number of the centre (k, c) that each row of `points` (n, c) is nearest to, of equal ones the first."""
    import numpy as np

    # |x - c|² without the |x|² that all centres have in common.
    scores = points @ centres.T
    scores -= np.square(centres).sum(axis=1) / 2
    return np.asarray(scores.argmax(axis=1))


def partial(blocks: Iterable[np.ndarray], centres: np.ndarray, check: Callable[[], object] = lambda: None) -> LloydStep:
    """One step's sums over some blocks of points, float32 of shape (n, c). `check` is called now and then."""
    import numpy as np
    from scipy.sparse import csr_matrix

    k = len(centres)
    done, inertia = 0, 0.0
    sums, counts, first = np.zeros(centres.shape), np.zeros(k, np.int64), np.full(k, np.iinfo(np.int64).max)
    for block in blocks:
        for rows in slices(len(block)):
            check()
            points = block[rows]
            labels = nearest_centres(points, centres)
            inertia += float(np.square(points - centres[labels]).sum(dtype=np.float64))
            ends = np.arange(len(points) + 1)
            members = csr_matrix((np.ones(len(points)), labels, ends), (len(points), k))
            sums += members.T @ points.astype(np.float64)
            counts += np.bincount(labels, minlength=k)
            found, places = np.unique(labels, return_index=True)
            first[found] = np.minimum(first[found], places + done)
            done += len(points)
    return LloydStep(done, sums, counts, np.minimum(first, done), inertia)


def combine(parts: Iterable[LloydStep]) -> LloydStep:
    """The sums over all parts, in their order."""
    import numpy as np

    every = iter(parts)
    whole = next(every)
    for part in every:
        rows = whole.rows + part.rows
        behind = np.where(part.counts > 0, part.first + whole.rows, rows)
        first = np.where(whole.counts > 0, whole.first, behind)
        sums, counts = whole.sums + part.sums, whole.counts + part.counts
        whole = LloydStep(rows, sums, counts, first, whole.inertia + part.inertia)
    return whole


def moved(step: LloydStep, centres: np.ndarray) -> np.ndarray:
    """The centres (k, c) at the means of their members, float32; one that has none stays where it is."""
    import numpy as np

    held = step.counts > 0
    found = centres.copy()
    found[held] = step.sums[held] / step.counts[held, None]
    return np.asarray(found)


def descend(
    step_of: Callable[[np.ndarray], LloydStep], start: np.ndarray, spread: float, most: int
) -> tuple[np.ndarray, LloydStep]:
    """Lloyd's algorithm from some centres on: those that it leads to, and the last step's sums about them.

    `step_of` goes over all rows with some centres. Ends after `most` moves, or when they no longer tell. `spread`: the
    mean variance of a coordinate.
    """
    import numpy as np

    centres = start.astype(np.float32)
    for _ in range(most):
        found = moved(step_of(centres), centres)
        shift = float(np.square(found - centres).sum())
        centres = found
        if shift <= TOLERANCE * spread:
            break
    return centres, step_of(centres)
