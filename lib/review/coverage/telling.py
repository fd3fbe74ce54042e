"""The few images that show most of a dataset: each next one is the farthest from all before (k-center, greedy)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.progress import Progress
from lib.review.samples import ReviewSamples, raise_if_cancelled

if TYPE_CHECKING:
    import numpy as np


def most_telling(vectors: np.ndarray, count: int) -> list[int]:
    """The rows of so many of `vectors` (n, d), the most telling first: the first is the most central one.

    No row lies farther from the nearest chosen one than twice what the best choice could reach (Gonzalez, 1985).
    """
    import numpy as np

    if not len(vectors) or count < 1:
        return []
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    chosen = [int(np.argmax(unit @ unit.mean(0)))]
    nearest = unit @ unit[chosen[0]]
    while len(chosen) < min(count, len(unit)):
        nearest[chosen[-1]] = np.inf
        farthest = int(np.argmin(nearest))
        if nearest[farthest] > 1 - 1e-6:
            # What is left are copies.
            break
        chosen.append(farthest)
        nearest = np.maximum(nearest, unit @ unit[farthest])
    return chosen


def telling_images(samples: ReviewSamples, count: int, progress: Progress) -> tuple[str, ...]:
    """The names of so many images, the most telling first, by the vectors of their pictures.

    Raises Cancelled, and what embedding raises.
    """
    embedded = samples.pictures(progress)
    raise_if_cancelled(progress)
    return tuple(embedded.names[row] for row in most_telling(embedded.vectors[:], count))
