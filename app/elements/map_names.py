"""The names of clusters on the map, each where its cluster is and none upon another."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lib.clustering import ClusterResult

if TYPE_CHECKING:
    import numpy as np

_NAME = 24
"""Characters of a cluster's name on the map."""
_NAMED = 40
"""Clusters whose names stand on the map, the largest first: of more of them nobody could read one."""
_NAME_SIZE = (0.16, 0.035)
"""The part of the map, across and upwards, that a name takes."""
_LINE_HIGH = 0.045
"""How far up or down a name goes out of another's way."""


def names_of(
    result: ClusterResult, places: np.ndarray, members: Sequence[np.ndarray], theme: str
) -> tuple[dict[str, Any], ...]:
    """What clusters are called, at the middle of each, a little above or below it where another name stands already. A
    smaller one that finds no room there either has none."""
    import numpy as np

    span = np.maximum(np.ptp(places, axis=0), 1e-9)
    taken: list[np.ndarray] = []
    names = []
    for cluster in sorted(result.clusters, key=lambda cluster: -cluster.size)[:_NAMED]:
        if not len(members[cluster.number]):
            continue
        middle = np.median(places[members[cluster.number]], axis=0)
        tries = [middle + span * (0, dodge * _LINE_HIGH) for dodge in (0, 1, -1)]
        free = [one for one in tries if not any((np.abs(one - other) < span * _NAME_SIZE).all() for other in taken)]
        if not free:
            continue
        middle = free[0]
        taken.append(middle)
        said = " · ".join(cluster.words[:2]) or str(cluster.number)
        text = html.escape(said if len(said) <= _NAME else said[: _NAME - 1] + "…")
        place = {"x": middle[0], "y": middle[1], "text": f"<b>{text}</b>", "showarrow": False, "captureevents": False}
        names.append(place | {"font": {"size": 13}, "borderpad": 1} | _said_in(theme))
    return tuple(names)


def _said_in(theme: str) -> dict[str, Any]:
    """Names stand on a veil: in a cluster's own colour some could not be read."""
    veil = {"light": "rgba(251,250,248,0.72)", "dark": "rgba(22,25,28,0.72)"}[theme]
    return {"bgcolor": veil}
