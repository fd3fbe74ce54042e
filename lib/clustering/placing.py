"""Places on the map: kept from the map before, found for samples that came to it, or made anew by a layout."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from lib.clustering.base import ClusterResult
from lib.clustering.by_parts import MANY
from lib.clustering.layouts import LAYOUTS, QUICK
from lib.clustering.neighbours import middle_of_nearest
from lib.column_texts import match_places
from lib.errors import Cancelled
from lib.progress import NOBODY, Progress

if TYPE_CHECKING:
    import numpy as np

_KNOWN = 2 / 3
"""The share of samples that must have a place, or the map is made anew."""
FITTED = 100_000
"""Samples that a layout places where there are more than `MANY`: the others find a place among them."""
_SLOW = 2_000
"""Samples from which on a layout takes so long that a quick map is worth showing meanwhile."""

Maps = dict[tuple[str, int], tuple[str, "np.ndarray"]]
"""Maps of some vectors that were made before, with their ids, by layout and seed."""


def placed(
    result: ClusterResult,
    points: np.ndarray,
    known: Maps,
    before: ClusterResult | None,
    early: Callable[[ClusterResult], object] | None,
    progress: Progress,
) -> ClusterResult:
    """A result with the map that its spec asks for. `points` are its samples' principal components, n x d.

    Where that takes long, `early` gets one with a quick map, and Cancel leaves it at that. Else raises Cancelled.
    """
    spec = result.spec
    key = spec.layout, spec.seed
    if key not in known:
        places = places_kept(result, points, before)
        if before is not None and places is not None:
            known[key] = before.layout_id, places
        else:
            quick = points[:, :2].copy()
            first = replace(result, points=quick, layout=QUICK, layout_id=_id(quick))
            shows_first = early is not None and len(points) >= _SLOW and spec.layout != QUICK
            if early is not None and shows_first:
                early(first)
            try:
                made = laid_out(spec.layout, points, spec.seed, progress)
            except Cancelled:
                if not shows_first:
                    raise
                return first
            known[key] = _id(made), made
    layout_id, places = known[key]
    notes = result.notes
    if len(points) > MANY and spec.layout != QUICK:
        notes += (f"the map places a sample of {FITTED:,}, and the others among their nearest of those",)
    return replace(result, points=places, layout=spec.layout, layout_id=layout_id, notes=notes)


def laid_out(layout: str, points: np.ndarray, seed: int, progress: Progress = NOBODY) -> np.ndarray:
    """The places that a layout gives to the rows of `points`; of more than `MANY` it places a sample.

    The others stand in the middle of their five nearest in the sample. Raises Cancelled.
    """
    import numpy as np

    how = LAYOUTS[layout]()
    if len(points) <= MANY or layout == QUICK:
        return how.place(points, seed, progress)
    chosen = np.sort(np.random.default_rng(seed).choice(len(points), FITTED, replace=False))
    places = np.empty((len(points), 2), np.float32)
    places[chosen] = how.place(points[chosen], seed, progress)
    others = np.ones(len(points), bool)
    others[chosen] = False

    def check() -> None:
        if progress.is_cancelled():
            raise Cancelled("The map's layout was stopped.", "The map stays as it was.")

    places[others] = middle_of_nearest(points[others], points[chosen], places[chosen], check)
    return places


def places_kept(result: ClusterResult, points: np.ndarray, before: ClusterResult | None) -> np.ndarray | None:
    """The places that samples had on the map before, and for new ones places among their neighbours.

    None where it was another map, of other vectors or by another layout, or where too few of the samples were on it.
    """
    import numpy as np

    if before is None or not before.layout_id or _kind(before) != _kind(result):
        return None
    rows = match_places(result.names, before.names)
    rows[(before.keys[rows] != result.keys).any(axis=1)] = -1
    if len(others := np.flatnonzero(rows < 0)):
        by_key = {bytes(key): row for row, key in enumerate(before.keys)}
        rows[others] = [by_key.get(bytes(key), -1) for key in result.keys[others]]
    known = rows >= 0
    if known.mean() < _KNOWN:
        return None
    places = np.empty((len(rows), 2), np.float32)
    places[known] = before.points[rows[known]]
    if not known.all():
        places[~known] = middle_of_nearest(points[~known], points[known], places[known])
    return places


def _kind(result: ClusterResult) -> tuple[object, ...]:
    layout = result.layout if result.layout_id else result.spec.layout
    return result.model, layout, result.spec.seed, result.spec.by


def _id(places: np.ndarray) -> str:
    return hashlib.sha256(places.tobytes()).hexdigest()[:16]
