"""Pictures as 32 by 32 grey points: enough to tell whether two of them show the very same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lib.embedding.base import PictureEmbedder

if TYPE_CHECKING:
    import numpy as np

SIDE = 32


class GreyThumbs(PictureEmbedder):
    """No model: what is kept of each picture by its content, as vectors are. Values from 0 to 255."""

    label = "grey thumbnails"
    choice = "Grey thumbnails"
    about = "Pictures that look the same come together."
    is_model = False
    batch = 64
    side = 2 * SIDE

    @property
    def id(self) -> str:
        return "grey-thumbs-1"

    @property
    def dimensions(self) -> int:
        return SIDE * SIDE

    def is_here(self) -> bool:
        return True

    def _load(self) -> Any:
        return self

    def _embed(self, model: Any, batch: np.ndarray) -> np.ndarray:
        return thumbs_of(batch)


def thumbs_of(pictures: np.ndarray) -> np.ndarray:
    """Shape (n, 1024) for pictures of shape (n, 64, 64, 3): luma by ITU-R BT.601, means of two by two points."""
    import numpy as np

    grey = pictures.astype(np.float32) @ np.asarray([0.299, 0.587, 0.114], np.float32)
    return np.asarray(grey.reshape(-1, SIDE, 2, SIDE, 2).mean((2, 4)).reshape(-1, SIDE * SIDE), np.float32)
