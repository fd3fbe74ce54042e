"""Which samples of a map are drawn where there are more than a browser can draw, and a closer look at a part of it.

A zoom cannot ask for more of them: streamlit-plotly-events tells of clicks and selections, and of no zoom. What was
selected with box or lasso says which part is meant.
"""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from app.clusters.state import ClustersState
from app.elements.map_figure import Drawn
from app.session.state import AppState
from lib.clustering import ClusterResult, density, map_sample
from lib.clustering.map_sample import Window

WHOLE = 100_000
"""Samples up to which a map shows all: 12 MB for the browser."""
_MOST = 30_000
_GRID = 144, 192


def drawn_of(state: AppState, result: ClusterResult) -> Drawn | None:
    """What of a map is drawn; None where that is all of it."""
    if len(result.names) <= WHOLE:
        return None
    drawn = part_drawn(result, window_of(state, result))
    # What was looked at may be gone.
    return drawn if len(drawn.rows) else part_drawn(result, None)


@lru_cache(maxsize=4)
def part_drawn(result: ClusterResult, window: Window | None) -> Drawn:
    """Some samples of a large map, or of a part of it, and how thick all lie there."""
    rows = map_sample(result.labels, result.points, _MOST, window=window)
    name = "" if window is None else ",".join(f"{edge:.4g}" for edge in window)
    # Other clusters on the same map have other points, and to the browser it is the same one.
    return Drawn(name or "some", rows, density(result.points, _GRID, window=window))


def window_of(state: AppState, result: ClusterResult) -> Window | None:
    """The part of the map that is looked at closer, None for all of it."""
    kept = state.of(ClustersState).window
    return kept[1] if kept is not None and kept[0] == result.layout_id else None


def is_in_view(state: AppState, result: ClusterResult, row: int) -> bool:
    """Whether a sample lies in the part of the map that is looked at."""
    if (window := window_of(state, result)) is None:
        return True
    (x, y), (left, right, bottom, top) = result.points[row], window
    return bool(left <= x <= right and bottom <= y <= top)


def told(state: AppState, result: ClusterResult) -> str:
    """How many samples are shown, "" where that is all."""
    drawn = drawn_of(state, result)
    if drawn is None:
        return ""
    here = int(drawn.density.counts.sum())
    if window_of(state, result) is None:
        return f"{len(drawn.rows):,} of {here:,} shown"
    return f"{len(drawn.rows):,} of {here:,} in this part shown"


def closer_look(state: AppState, result: ClusterResult) -> None:
    """Buttons to draw the part of the map where the selection is anew, with more of its samples, and to go back."""
    if len(result.names) <= WHOLE:
        return
    page = state.of(ClustersState)
    chosen = page.selected
    if chosen is not None and chosen[0] == result.layout_id and chosen[1] != window_of(state, result):
        st.button(
            "Closer look",
            key="clusters.closer",
            type="tertiary",
            icon=":material/zoom_in:",
            help="Draws the part of the map that you selected anew, with more of its samples.",
            on_click=_look_at,
            args=(page, chosen),
        )
    if window_of(state, result) is not None:
        st.button(
            "Whole map",
            key="clusters.whole",
            type="tertiary",
            icon=":material/zoom_out_map:",
            on_click=_look_at,
            args=(page, None),
        )


def _look_at(page: ClustersState, part: tuple[str, Window] | None) -> None:
    page.window, page.selected = part, None


def remember_selection(state: AppState, result: ClusterResult, rows: list[int]) -> None:
    """Notes where on the map samples were selected, for a closer look."""
    import numpy as np

    if len(result.names) <= WHOLE or len(rows) < 2:
        return
    (left, bottom), (right, top) = np.min(result.points[rows], axis=0), np.max(result.points[rows], axis=0)
    state.of(ClustersState).selected = result.layout_id, (float(left), float(right), float(bottom), float(top))
