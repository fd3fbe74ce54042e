"""Which two pictures are twins, and of which kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.clustering.neighbours import nearest
from lib.review.duplicates.calibration import TwinLines
from lib.review.duplicates.coarse import MARGIN, coarse_likeness
from lib.review.duplicates.likeness import halved, levelled, part_likeness
from lib.review.duplicates.thumbs import SIDE

if TYPE_CHECKING:
    import numpy as np

NEIGHBOURS = 12
"""Pictures that each one is compared with."""
_SAME = 0.999
"""From here on two thumbs may be of equal pixels."""
_BAND = 0.05
_PAIRS_AT_ONCE = 2_048


@dataclass(frozen=True, slots=True)
class Twins:
    """Two rows, the smaller first. `kind` is "equal", "alike", "mirrored" or "crop", `likeness` from 0 to 1."""

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
    units = None if contents.vectors is None else _unit(contents.vectors)
    points = [levelled(halved(contents.thumbs))] + ([] if units is None else [units])
    by_look, *by_vector = _beside_each_other(lambda some: _near(some, check), points)
    likeness = _products(rows, by_look)
    found: list[Twins] = []
    known: set[tuple[int, int]] = set()
    passed = likeness if units is None else np.where(_products(units, by_look) >= lines.alike_vector, likeness, -1)
    alike = np.flatnonzero(passed >= lines.alike)
    for (first, second), value in zip(by_look[alike].tolist(), passed[alike].tolist(), strict=True):
        is_equal = value >= _SAME and same_pixels(first, second)
        found.append(Twins(first, second, "equal" if is_equal else "alike", value))
        known.add((first, second))
    if units is None:
        return FoundPairs(tuple(found), _beyond(likeness, lines.alike))
    check()
    near = by_vector[0][_products(units, by_vector[0]) >= lines.part_vector]
    near = near[[pair not in known for pair in zip(*near.T.tolist(), strict=True)]]
    mirrored, near = _mirrored(rows, near, lines.alike)
    parts, doubtful = _parts(contents, near, lines, check)
    return FoundPairs((*found, *mirrored, *parts), _by_chance(likeness, passed > -1, lines.alike) + doubtful)


def _mirrored(rows: np.ndarray, near: np.ndarray, line: float) -> tuple[list[Twins], np.ndarray]:
    """Those of the pairs `near` of which one is the other's mirror image, and the pairs that are left."""
    import numpy as np

    flipped = rows.reshape(-1, SIDE, SIDE)[:, :, ::-1].reshape(rows.shape)
    values = _products(rows, near, flipped)
    found = np.flatnonzero(values >= line)
    pairs = zip(near[found].tolist(), values[found].tolist(), strict=True)
    return [Twins(first, second, "mirrored", value) for (first, second), value in pairs], np.delete(near, found, 0)


def _parts(
    contents: UniquePictures,
    near: np.ndarray,
    lines: TwinLines,
    check: Callable[[], None],
) -> tuple[list[Twins], float]:
    """Those of the pairs `near` of which one is cut out of the other, and how many of them may be none."""
    import numpy as np

    check()
    both = _beside_each_other(lambda pairs: _as_part(contents.thumbs, pairs, lines.part), [near, near[:, ::-1]])
    values = np.maximum(*both)
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


def _beside_each_other(work: Callable[[np.ndarray], np.ndarray], parts: Sequence[np.ndarray]) -> list[np.ndarray]:
    """What becomes of each part, two at a time: numpy works on both at once."""
    with ThreadPoolExecutor(2, thread_name_prefix="twins") as pool:
        return list(pool.map(work, parts))


def _near(points: np.ndarray, check: Callable[[], None]) -> np.ndarray:
    """Pairs of rows that are among the nearest of one of them, each once, shape (pairs, 2)."""
    import numpy as np

    count = min(NEIGHBOURS, len(points))
    places, _ = nearest(points, count, check)
    pairs = np.stack([np.repeat(np.arange(len(points)), count - 1), places[:, 1:].ravel()], 1)
    return np.unique(np.sort(pairs, 1), axis=0)


def _products(rows: np.ndarray, pairs: np.ndarray, others: np.ndarray | None = None) -> np.ndarray:
    """How alike two rows of length 1 are, for each pair; the second one's of `others`, where they are given."""
    import numpy as np

    others = rows if others is None else others
    found = np.empty(len(pairs), np.float32)
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        some = slice(start, start + _PAIRS_AT_ONCE)
        np.einsum("ij,ij->i", rows[pairs[some, 0]], others[pairs[some, 1]], out=found[some])
    return found


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
