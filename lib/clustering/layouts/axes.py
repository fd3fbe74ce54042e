"""The first two principal components as the axes of the map: at once, and crude."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.clustering.layouts.base import Layout
from lib.progress import NOBODY, Progress

if TYPE_CHECKING:
    import numpy as np


class PrincipalAxes(Layout):
    """Keeps what sets large groups apart, and lets small ones lie upon one another."""

    label = "Principal axes"
    about = "The two directions in which samples differ most. Distances are true, small groups overlap."

    def place(self, points: np.ndarray, seed: int, progress: Progress = NOBODY) -> np.ndarray:
        return points[:, :2].copy()
