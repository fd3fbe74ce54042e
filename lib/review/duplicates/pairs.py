"""Which two pictures are twins, and of which kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.clustering.neighbours import nearest
from lib.review.duplicates.calibration import TwinLines
from lib.review.duplicates.coarse import MARGIN, coarse_likeness
from lib.review.duplicates.likeness import halved, levelled, part_likeness

if TYPE_CHECKING:
    import numpy as np

NEIGHBOURS = 12
"""Pictures that each one is compared with."""
_SAME = 0.999
"""From here on two thumbs may be of equal pixels."""
_BAND = 0.05


@dataclass(frozen=True, slots=True)
class Twins:
    """Two rows, the smaller first. `kind` is "equal", "alike" or "crop", `likeness` from 0 to 1."""

    first: int
    second: int
    kind: str
    likeness: float


@dataclass(frozen=True, slots=True, eq=False)
class UniquePictures:
    """What is known of different pictures, a row each: thumbs (n, 1024), vectors (n, d) or none, their content."""

    thumbs: np.ndarray
    vectors: np.ndarray | None
    keys: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class FoundPairs:
    """The pairs, and how many of them are most likely none: as the pairs just below the line let expect."""

    pairs: tuple[Twins, ...]
    expected_false: float


def find_pairs(
    contents: UniquePictures,
    lines: TwinLines,
    same_pixels: Callable[[int, int], bool],
    check: Callable[[], None] = lambda: None,
) -> FoundPairs:
    """Pairs of contents that are twins. `same_pixels` is asked for two rows that look just the same."""
    import numpy as np

    rows = levelled(contents.thumbs)
    by_look = _near(levelled(halved(contents.thumbs)), check)
    likeness = (rows[by_look[:, 0]] * rows[by_look[:, 1]]).sum(1)
    units = None if contents.vectors is None else _unit(contents.vectors)
    found: list[Twins] = []
    known: set[tuple[int, int]] = set()
    passed = likeness if units is None else np.where(_vector(units, by_look) >= lines.alike_vector, likeness, -1)
    for pair, value in zip(by_look, passed, strict=True):
        if value >= lines.alike:
            first, second = int(pair[0]), int(pair[1])
            is_equal = value >= _SAME and same_pixels(first, second)
            found.append(Twins(first, second, "equal" if is_equal else "alike", float(value)))
            known.add((first, second))
    if units is None:
        return FoundPairs(tuple(found), _beyond(likeness, lines.alike))
    check()
    parts, doubtful = _parts(contents, units, lines, known, check)
    return FoundPairs((*found, *parts), _by_chance(likeness, passed > -1, lines.alike) + doubtful)


def _parts(
    contents: UniquePictures,
    units: np.ndarray,
    lines: TwinLines,
    known: set[tuple[int, int]],
    check: Callable[[], None],
) -> tuple[list[Twins], float]:
    """Pairs of which one is cut out of the other, and how many of them may be none."""
    import numpy as np

    near = _near(units, check)
    near = near[_vector(units, near) >= lines.part_vector]
    near = near[[pair not in known for pair in zip(*near.T.tolist(), strict=True)]]
    check()
    values = np.maximum(*(_as_part(contents.thumbs, pairs, lines.part) for pairs in (near, near[:, ::-1])))
    found = [
        Twins(int(first), int(second), "crop", float(value))
        for (first, second), value in zip(near, values, strict=True)
        if value >= lines.part
    ]
    return found, _beyond(values, lines.part)


def _as_part(thumbs: np.ndarray, pairs: np.ndarray, wanted: float) -> np.ndarray:
    """How well each second picture fits a place in its first; of those far from `wanted` only about."""
    import numpy as np

    found = coarse_likeness(thumbs, pairs)
    close = np.flatnonzero(found >= wanted - MARGIN)
    found[close] = part_likeness(thumbs[pairs[close, 0]], thumbs[pairs[close, 1]], wanted)
    return np.asarray(np.minimum(found, 1), np.float32)


def _near(points: np.ndarray, check: Callable[[], None]) -> np.ndarray:
    """Pairs of rows that are among the nearest of one of them, each once, shape (pairs, 2)."""
    import numpy as np

    count = min(NEIGHBOURS, len(points))
    places, _ = nearest(points, count, check)
    pairs = np.stack([np.repeat(np.arange(len(points)), count - 1), places[:, 1:].ravel()], 1)
    return np.unique(np.sort(pairs, 1), axis=0)


def _vector(units: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.asarray((units[pairs[:, 0]] * units[pairs[:, 1]]).sum(1))


def _unit(vectors: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), np.float32)


def _by_chance(likeness: np.ndarray, is_near: np.ndarray, line: float) -> float:
    """How many pairs look alike and have near vectors by chance.

    What looks alike without near vectors is no twin; among pairs that do not look alike, so many have near vectors.
    """
    others = likeness < line - 3 * _BAND
    share = float(is_near[others].mean()) if others.any() else 0.0
    return float((~is_near & (likeness >= line)).sum()) * share / max(1 - share, _BAND)


def _beyond(values: np.ndarray, line: float) -> float:
    """Others thin out towards the line: the two bands below it tell how many lie beyond."""
    near = float(((values >= line - _BAND) & (values < line)).sum())
    far = float(((values >= line - 2 * _BAND) & (values < line - _BAND)).sum())
    ratio = min(near / far, 0.5) if far else 0.0
    return near * ratio / (1 - ratio)
