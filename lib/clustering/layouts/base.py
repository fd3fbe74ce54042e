"""What a layout is: vectors in, a place on the plane for each of them out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from lib.errors import Cancelled
from lib.progress import NOBODY, Progress

if TYPE_CHECKING:
    import numpy as np


class Layout(ABC):
    """One way to draw a map."""

    label: ClassVar[str]
    """What people choose it by."""
    about: ClassVar[str]
    """What comes together by it, in a line."""

    @abstractmethod
    def place(self, points: np.ndarray, seed: int, progress: Progress = NOBODY) -> np.ndarray:
        """Places on the plane, float32 of shape (n, 2), of the rows of `points`: principal components, n x d, d >= 2.

        The same rows and the same seed give the same places. Raises Cancelled, and MissingDependency.
        """


def raise_if_cancelled(progress: Progress) -> None:
    """Raises Cancelled once the onlooker wants no more."""
    if progress.is_cancelled():
        raise Cancelled("The map's layout was stopped.", "The map stays as it was.")
