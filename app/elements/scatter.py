"""The map of clusters: points to hover, click and select. All dealings with streamlit-plotly-events are in here."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.elements.map_figure import Points, empty_figure, figure_of
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
    with_page = [True]
    frame = _frame_of(points, key)

    @st.fragment
    @error_boundary()
    def look() -> None:
        leave_to_owner()
        found = _plotly(_figure(points, selecting, chosen), selecting, height, frame)
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


def await_points(theme: str, *, height: int, selecting: bool, key: str) -> None:
    """Show the frame of a map that is still being made: a browser reads for half a second what draws in it.

    The next map that `pick_points` shows under this key is drawn in this frame.
    """
    st.session_state[_awaiting(key)] = True

    @st.fragment
    def look() -> None:
        leave_to_owner()
        _plotly(_Figure(empty_figure(theme, selecting)), selecting, height, _ahead(key))

    look()


def _frame_of(points: Points, key: str) -> str:
    """The key of a map's frame: its own, whatever else changes, since the map stays where it was moved to."""
    if st.session_state.pop(_awaiting(key), False):
        st.session_state[f"{key}.first"] = points.id
    return _ahead(key) if st.session_state.get(f"{key}.first") == points.id else f"{key}.{points.id}"


def _ahead(key: str) -> str:
    return f"{key}.ahead"


def _awaiting(key: str) -> str:
    return f"{key}.awaiting"


def _plotly(figure: _Figure, selecting: bool, height: int, frame: str) -> list[dict[str, Any]]:
    from streamlit_plotly_events import plotly_events

    found: list[dict[str, Any]] = plotly_events(
        figure,
        click_event=not selecting,
        select_event=selecting,
        # A number: with "100vh" it and Streamlit tell each other different heights for ever, drawing all the while.
        override_height=height,
        key=frame,
    )
    return found


def rows_of(points: Points, found: Sequence[dict[str, Any]]) -> list[int]:
    """The samples that the browser named by trace and place; what is no such place is left out."""
    rows: list[int] = []
    for point in found:
        trace, place = point.get("curveNumber"), point.get("pointNumber")
        if isinstance(trace, int) and isinstance(place, int) and 0 <= trace < len(points.rows):
            rows += points.rows[trace][place : place + 1] if place >= 0 else ()
    return rows
