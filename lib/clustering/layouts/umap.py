"""UMAP (McInnes, Healy and Melville 2018): what is near in many dimensions stays near on the plane.

In numpy: umap-learn spends half a minute on a compiler in each new process, and fastumap has no wheel for every system.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.clustering.layouts.axes import PrincipalAxes
from lib.clustering.layouts.base import Layout, raise_if_cancelled
from lib.clustering.neighbours import Edges, edges_of
from lib.progress import NOBODY, Progress

if TYPE_CHECKING:
    import numpy as np

_EPOCHS = 300
_EPOCHS_OF_MANY = 200
_MANY = 20_000
_LEAST = 5
"""With fewer samples there are no neighbours to speak of."""
_WIDTH = 10.0
"""From the middle to the farthest sample at the start."""
_A, _B = 1.5769434603, 0.8950608779
"""The curve of the paper's section 3.2 for a least distance of 0.1: how near is near on the plane."""
_PARTS = 4
"""Steps of an epoch: each sees where the last one has moved things. In one step fewer neighbours are kept."""
_STRANGERS = 5
"""Samples that each one is pushed away from, for every neighbour that it is drawn to."""
_LONGEST_STEP = 4.0


class Umap(Layout):
    """Small groups become islands; distances between islands mean little."""

    label = "UMAP"
    about = "Samples with alike neighbours lie together. Distances between islands mean little."

    def place(self, points: np.ndarray, seed: int, progress: Progress = NOBODY) -> np.ndarray:
        import numpy as np

        start = PrincipalAxes().place(points, seed)
        span = np.abs(start).max()
        if len(points) < _LEAST or not span:
            return start
        epochs = _EPOCHS if len(points) <= _MANY else _EPOCHS_OF_MANY
        progress.advance(0, epochs)
        edges = edges_of(points, lambda: raise_if_cancelled(progress))
        random = np.random.default_rng(seed)
        # Equal samples would never come apart from one place.
        places = start * (_WIDTH / span) + random.normal(scale=1e-4, size=start.shape).astype(np.float32)
        walk = _Walk(edges, places, random.random(len(edges.weights), np.float32), random)
        for epoch in range(epochs):
            raise_if_cancelled(progress)
            walk.step(1 - epoch / epochs)
            progress.advance(epoch + 1, epochs)
        return walk.places


@dataclass(slots=True, eq=False)
class _Walk:
    """Stochastic descent: neighbours draw each other nearer, strangers push each other away.

    `turn`: how near each edge is to its next turn; it has one whenever this reaches 1.
    """

    edges: Edges
    places: np.ndarray
    turn: np.ndarray
    random: np.random.Generator

    def step(self, size: float) -> None:
        """Move everything by what the edges say whose turn it is. `size` falls from 1 to 0."""
        import numpy as np

        self.turn += self.edges.weights
        due = np.flatnonzero(self.turn >= 1)
        self.turn[due] -= 1
        self.random.shuffle(due)
        for part in np.array_split(due, _PARTS):
            self._move(self.edges.heads[part], self.edges.tails[part], size)

    def _move(self, heads: np.ndarray, tails: np.ndarray, size: float) -> None:
        import numpy as np

        here = self.places[heads]
        apart = here - self.places[tails]
        pull = _clipped(apart, _pull(np.square(apart).sum(axis=1)))
        moved = pull.copy()
        for strangers in self.random.integers(0, len(self.places), (_STRANGERS, len(heads)), np.int32):
            apart = here - self.places[strangers]
            moved += _clipped(apart, _push(np.square(apart).sum(axis=1)))
        for axis in (0, 1):
            count = len(self.places)
            change = np.bincount(heads, moved[:, axis], count) - np.bincount(tails, pull[:, axis], count)
            self.places[:, axis] += (change * size).astype(np.float32)


def _pull(squares: np.ndarray) -> np.ndarray:
    """The slope of the attraction at a squared distance (the paper's section 4.2)."""
    import numpy as np

    near = np.maximum(squares, 1e-12)
    power = near**_B
    return np.where(squares > 0, -2 * _A * _B * power / (near * (1 + _A * power)), 0)


def _push(squares: np.ndarray) -> np.ndarray:
    """The slope of the repulsion; a sample is no stranger to itself."""
    import numpy as np

    return np.asarray(2 * _B / ((0.001 + squares) * (1 + _A * squares**_B)))


def _clipped(apart: np.ndarray, slope: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.asarray(np.clip(apart * slope[:, None], -_LONGEST_STEP, _LONGEST_STEP))
