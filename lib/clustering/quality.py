"""How good clusters are: silhouettes of a sample, and which members are typical or unusual."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

SHOWN = 12
_SAMPLE = 2_000
_LEAST = 10
_ROWS = 8_192


def silhouettes(points: np.ndarray, labels: np.ndarray, k: int, seed: int = 0) -> np.ndarray:
    """The mean silhouette of each of k clusters, from -1 to 1 (Rousseeuw 1987); zeros where there is one cluster only.

    Of about 2,000 rows at most, drawn from each cluster by its size, and ten or all of a small one: a comparison of
    each row with each other would take minutes for 100,000.
    """
    import numpy as np
    from sklearn.metrics import silhouette_samples

    sizes = np.bincount(labels, minlength=k)
    if k < 2 or len(labels) <= k:
        return np.zeros(k)
    wanted = np.minimum(sizes, np.maximum(_LEAST, _SAMPLE * sizes // len(labels)))
    order = np.random.default_rng(seed).permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    starts = np.cumsum(sizes) - sizes
    chosen = np.concatenate([order[start : start + n] for start, n in zip(starts, wanted, strict=True)])
    if len(chosen) <= k:
        return np.zeros(k)
    values = silhouette_samples(points[chosen], labels[chosen])
    return np.bincount(labels[chosen], values, minlength=k) / np.maximum(wanted, 1)


def whole_silhouette(by_cluster: np.ndarray, labels: np.ndarray) -> float:
    """The mean over all samples, from the means of the clusters."""
    import numpy as np

    return float(np.average(by_cluster, weights=np.bincount(labels, minlength=len(by_cluster))))


def by_distance(points: np.ndarray, labels: np.ndarray, centres: np.ndarray) -> list[np.ndarray]:
    """For each cluster the places of its members, the nearest to the centre first."""
    import numpy as np

    distance = np.empty(len(points), np.float32)
    for start in range(0, len(points), _ROWS):
        rows = slice(start, start + _ROWS)
        distance[rows] = np.square(points[rows] - centres[labels[rows]]).sum(axis=1)
    order = np.lexsort((distance, labels))
    return np.split(order, np.cumsum(np.bincount(labels, minlength=len(centres)))[:-1])
