"""How many clusters fit: inertia and silhouette over k, and the k that a person should try first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.clustering.kmeans import partition
from lib.clustering.quality import silhouettes, whole_silhouette

if TYPE_CHECKING:
    import numpy as np

MOST = 30
_SAMPLE = 5_000
_STRUCTURE = 0.25


@dataclass(frozen=True, slots=True)
class Suggestion:
    """For each k its inertia (a mean squared distance to the centre) and silhouette, and the k to try first."""

    k: tuple[int, ...]
    inertia: tuple[float, ...]
    silhouette: tuple[float, ...]
    recommended: int


def suggest_k(
    points: np.ndarray,
    *,
    most: int = MOST,
    seed: int = 0,
    advance: Callable[[int, int], None] = lambda done, total: None,
    check: Callable[[], object] = lambda: None,
) -> Suggestion:
    """Tries every k from 2 to `most` (or as many as there are samples) on up to 5,000 of the rows of `points`.

    Recommended is the k of the best silhouette where that is above 0.25, the least that speaks of any structure
    (Kaufman and Rousseeuw 1990, table 4). Below it the silhouette says little, and the knee of the inertia counts.
    """
    import numpy as np

    if len(points) > _SAMPLE:
        points = points[np.random.default_rng(seed).choice(len(points), _SAMPLE, replace=False)]
    tried = range(2, min(most, len(points) - 1) + 1)
    inertias, qualities = [], []
    for done, k in enumerate(tried):
        check()
        advance(done, len(tried))
        found = partition(points, k, seed, check)
        inertias.append(found.inertia / len(points))
        by_cluster = silhouettes(points, found.labels, len(found.centres), seed)
        qualities.append(whole_silhouette(by_cluster, found.labels))
    advance(len(tried), len(tried))
    if not tried:
        return Suggestion((), (), (), 1)
    best = int(np.argmax(qualities))
    recommended = tried[best] if qualities[best] > _STRUCTURE else tried[_knee(inertias)]
    return Suggestion(tuple(tried), tuple(inertias), tuple(qualities), recommended)


def _knee(values: list[float]) -> int:
    """The place where a falling curve lies deepest below the line between its ends (Satopää et al. 2011, Kneedle)."""
    import numpy as np

    chord = np.linspace(values[0], values[-1], len(values))
    return int(np.argmax(chord - np.asarray(values)))
