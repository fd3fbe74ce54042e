"""The map of clusters: points to hover, click and select. All dealings with streamlit-plotly-events are in here."""

from __future__ import annotations

import functools
import hashlib
import html
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.session.login import may_act
from app.session.messages import error_boundary
from lib.clustering import ClusterResult

HEIGHT = 560
"""Of the map, in pixels."""

_LINE, _LINES = 64, 3
"""Characters of a caption on a line of the hover box, and lines."""
_NAME = 14
"""Characters of a cluster's number and first word in the legend: the map needs the room."""
_GPU = 3_000
"""Points from which on the graphics processor draws them."""

# Paul Tol's schemes "muted" and "light" (SRON/EPS/TN/09-002), made for the colour-blind, on light and on dark.
_COLOURS = {
    "light": ("#332288", "#CC6677", "#117733", "#44AA99", "#AA4499", "#999933", "#882255", "#88CCEE", "#DDCC77"),
    "dark": ("#77AADD", "#EE8866", "#EEDD88", "#FFAABB", "#44BB99", "#BBCC33", "#99DDFF", "#AAAA00", "#DDDDDD"),
}
_GREY = {"light": "#b9b6b0", "dark": "#55585c"}
_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "x", "star", "pentagon")
"""A shape for each round through the colours, so that 72 clusters look different."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """The traces of a map as JSON text; `rows` tells which sample each trace's points are, `theme` light or dark.

    `which` changes with what is bright.
    """

    id: str
    traces: str
    rows: tuple[tuple[int, ...], ...]
    theme: str
    which: str


def hovers_of(result: ClusterResult, texts: Sequence[str]) -> list[str]:
    """What is shown over each point. `texts`: the captions, in the order of the result's names."""
    return [_hover(name, text) for name, text in zip(result.names, texts, strict=True)]


def points_of(result: ClusterResult, hovers: Sequence[str], theme: str, bright: frozenset[str] | None = None) -> Points:
    """A trace for each cluster. With `bright` (names) all other samples are grey.

    The traces hold the same points whatever is bright, so that the map stays where it was moved to.
    """
    import numpy as np

    places = result.points.astype(np.float64).round(4)
    members = np.split(
        np.argsort(result.labels, kind="stable"), np.cumsum([cluster.size for cluster in result.clusters])[:-1]
    )
    count = len(result.names)
    lit = None if bright is None else np.fromiter((name in bright for name in result.names), bool, count)
    traces = []
    for cluster, rows in zip(result.clusters, members, strict=True):
        # Plain lists: the old plotly.js in there cannot read plotly's binary arrays.
        trace = {
            "type": "scattergl" if count > _GPU else "scatter",
            "mode": "markers",
            "name": _legend(" ".join([str(cluster.number), *cluster.words[:1]])),
            "x": places[rows, 0].tolist(),
            "y": places[rows, 1].tolist(),
            "text": [hovers[row] for row in rows.tolist()],
            "hoverinfo": "text",
            "marker": _marker(cluster.number, count, theme),
        }
        if lit is not None:
            trace["selectedpoints"] = np.flatnonzero(lit[rows]).tolist()
            trace["unselected"] = {"marker": {"color": _GREY[theme], "opacity": 0.3}}
        traces.append(trace)
    which = "" if lit is None else hashlib.sha256(lit.tobytes()).hexdigest()[:12]
    members_of_traces = tuple(tuple(rows.tolist()) for rows in members)
    return Points(f"{result.id}.{theme}", json.dumps(traces), members_of_traces, theme, which)


def _marker(number: int, count: int, theme: str) -> dict[str, Any]:
    colours = _COLOURS[theme]
    size = next(size for most, size in ((500, 9), (_GPU, 7), (20_000, 5), (float("inf"), 4)) if count <= most)
    return {
        "color": colours[number % len(colours)],
        "symbol": _SYMBOLS[number // len(colours) % len(_SYMBOLS)],
        "size": size,
        "opacity": 0.85,
        "line": {"width": 0},
    }


def _hover(name: str, text: str) -> str:
    """A caption in a few short lines and the file's name, as plotly's kind of HTML with nothing foreign in it."""
    lines: list[str] = []
    rest = " ".join(text[: _LINE * (_LINES + 1)].split())
    while rest and len(lines) < _LINES:
        end = len(rest) if len(rest) <= _LINE else rest.rfind(" ", 1, _LINE + 1)
        end = end if end > 0 else _LINE
        lines.append(html.escape(rest[:end]))
        rest = rest[end:].lstrip()
    if rest:
        lines[-1] += " …"
    return "<br>".join([*lines, f"<i>{html.escape(name[-_LINE:])}</i>"])


def _legend(name: str) -> str:
    return html.escape(name if len(name) <= _NAME else name[: _NAME - 1] + "…")


@dataclass(frozen=True, slots=True)
class _Figure:
    """What streamlit-plotly-events wants of a plotly figure, without making its text anew at each run."""

    text: str

    def to_json(self) -> str:
        return self.text


@functools.lru_cache(maxsize=4)
def _figure(points: Points, selecting: bool) -> _Figure:
    layout, config = json.dumps(_layout(points, selecting)), json.dumps(_config(selecting))
    return _Figure(f'{{"data": {points.traces}, "layout": {layout}, "config": {config}, "frames": []}}')


def _layout(points: Points, selecting: bool) -> dict[str, Any]:
    def colour(name: str) -> str:
        return str(st.get_option(f"theme.{points.theme}.{name}Color"))

    # Every colour by hand: the renderer in there knows no template.
    axis = {
        "showticklabels": False,
        "zeroline": False,
        "gridcolor": colour("border"),
        "showline": False,
        "title": {"text": ""},
    }
    return {
        "autosize": True,
        "height": HEIGHT,
        # Room above for the bar of tools, which would else lie upon the legend.
        "margin": {"l": 8, "r": 8, "t": 36, "b": 8},
        "paper_bgcolor": colour("background"),
        "plot_bgcolor": colour("background"),
        "font": {"color": colour("text"), "family": "system-ui, sans-serif", "size": 12},
        "xaxis": axis,
        "yaxis": axis,
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": colour("secondaryBackground"),
            "bordercolor": colour("border"),
            "font": {"color": colour("text"), "size": 13},
            "align": "left",
        },
        "legend": {"itemsizing": "constant", "bgcolor": "rgba(0,0,0,0)", "font": {"color": colour("text")}},
        "showlegend": True,
        # With lasso as the drag mode a click would never come back.
        "dragmode": "lasso" if selecting else "pan",
        "uirevision": points.id,
        # A selection made by hand would stay where other samples are to be bright.
        "selectionrevision": points.which,
    }


def _config(selecting: bool) -> dict[str, Any]:
    unused = ["toggleSpikelines", "hoverClosestCartesian", "hoverCompareCartesian", "autoScale2d", "toImage"]
    unused += [] if selecting else ["select2d", "lasso2d"]
    return {"displaylogo": False, "scrollZoom": True, "responsive": True, "modeBarButtonsToRemove": unused}


def pick_points(points: Points, *, selecting: bool, key: str, on_pick: Callable[[list[int]], None]) -> None:
    """Show a map; `on_pick` gets the rows of the sample that was clicked, or with `selecting` of those selected."""
    from streamlit_plotly_events import plotly_events

    with_page = [True]

    @st.fragment
    @error_boundary()
    def look() -> None:
        if not may_act():
            st.rerun()
        found = plotly_events(
            _figure(points, selecting),
            click_event=not selecting,
            select_event=selecting,
            override_height=HEIGHT,
            # Under the key of another map, what was clicked there would be reported of this one.
            key=f"{key}.{points.id}.{selecting}",
        )
        # The map is alone in the fragment: when only that is run, it was clicked, be it on the same point as before.
        # A click whose run was taken over by one of the whole page shows in what is reported.
        seen = st.session_state.get(f"{key}.seen", [])
        st.session_state[f"{key}.seen"] = found
        if not with_page or (found and found != seen):
            on_pick(rows_of(points, found))
            st.rerun()
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
