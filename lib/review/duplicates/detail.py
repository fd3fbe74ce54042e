"""Which of two sizes of one picture is the original: a copy that was enlarged is larger and shows no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import numpy as np

SIDE = 1_536
"""Larger pictures are compared with their longer side shrunk to that."""
_MUCH = 1.4
_LINE, _LINE_OF_LITTLE = 0.45, 0.6
"""What the larger one loses when it is shrunk to the smaller one's size and enlarged again, against what that one loses
by the same. Of 120 photos halved at least 0.52, of the same enlarged by 1.5 or more, with three filters and compressed
again, at most 0.45; for a smaller factor 0.81 and 0.56.
"""
_SLIGHT = 1.5
"""Grey levels: what loses no more than that when it is shrunk is too soft to tell."""
_FEWEST = 8


def is_enlarged(larger: Image.Image, smaller: Image.Image, factor: float) -> bool:
    """Whether the larger of two pictures of the same has no more detail. `factor`: by how much its sides are longer.

    Both as they are, or with the longer side of each shrunk to `SIDE`.
    """
    size = _divided(larger.size, factor)
    less = _divided(size, factor)
    if min(less) < _FEWEST:
        return False
    usual = _lost(smaller.convert("L").resize(size, Image.Resampling.LANCZOS), less)
    line = _LINE if factor >= _MUCH else _LINE_OF_LITTLE
    return usual > _SLIGHT and _lost(larger.convert("L"), size) < line * usual


def _divided(size: tuple[int, int], factor: float) -> tuple[int, int]:
    return max(1, round(size[0] / factor)), max(1, round(size[1] / factor))


def _lost(picture: Image.Image, size: tuple[int, int]) -> float:
    """What a picture loses when it is shrunk to a size and enlarged again, in grey levels: with a filter, or without
    one where it was enlarged so.
    """
    import numpy as np

    ways = ((Image.Resampling.LANCZOS, Image.Resampling.BICUBIC), (Image.Resampling.NEAREST, Image.Resampling.NEAREST))
    before: np.ndarray = np.asarray(picture, np.float32)
    again = (picture.resize(size, down).resize(picture.size, up) for down, up in ways)
    return min(float(np.std(before - np.asarray(one, np.float32))) for one in again)
