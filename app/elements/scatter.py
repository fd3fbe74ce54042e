"""The map of clusters: points to hover, click and select. All dealings with streamlit-plotly-events are in here."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.elements.map_figure import Points, figure_of
from app.session.messages import error_boundary
from app.session.own_session import leave_to_owner


@dataclass(frozen=True, slots=True)
class _Figure:
    """What streamlit-plotly-events wants of a plotly figure, without making its text anew at each run."""

    text: str

    def to_json(self) -> str:
        return self.text


@functools.lru_cache(maxsize=8)
def _figure(points: Points, selecting: bool, chosen: int | None) -> _Figure:
    return _Figure(figure_of(points, selecting, chosen))


def pick_points(
    points: Points, *, height: int, selecting: bool, chosen: int | None, key: str, on_pick: Callable[[list[int]], None]
) -> None:
    """Show a map; `on_pick` gets the rows of the sample that was clicked, or with `selecting` of those selected.

    `chosen` is the row of the sample that wears a ring; `height` counts pixels.
    """
    from streamlit_plotly_events import plotly_events

    with_page = [True]

    @st.fragment
    @error_boundary()
    def look() -> None:
        leave_to_owner()
        found = plotly_events(
            _figure(points, selecting, chosen),
            click_event=not selecting,
            select_event=selecting,
            # A number: with "100vh" it and Streamlit tell each other different heights for ever, drawing all the while.
            override_height=height,
            # The map's own: whatever else changes, it stays where it was moved to.
            key=f"{key}.{points.id}",
        )
        # The map is alone in the fragment: when only that is run, it was clicked, be it on the same point as before.
        # A click whose run was taken over by one of the whole page shows in what is reported.
        seen = st.session_state.get(f"{key}.seen", [])
        st.session_state[f"{key}.seen"] = found
        if not with_page or (found and found != seen and st.session_state.get(f"{key}.map") == points.id):
            on_pick(rows_of(points, found))
            st.rerun()
        # What another map reported last is no click on this one.
        st.session_state[f"{key}.map"] = points.id
        with_page.clear()

    look()


def rows_of(points: Points, found: Sequence[dict[str, Any]]) -> list[int]:
    """The samples that the browser named by trace and place; what is no such place is left out."""
    rows: list[int] = []
    for point in found:
        trace, place = point.get("curveNumber"), point.get("pointNumber")
        if isinstance(trace, int) and isinstance(place, int) and 0 <= trace < len(points.rows):
            rows += points.rows[trace][place : place + 1] if place >= 0 else ()
    return rows
