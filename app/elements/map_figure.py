"""The figure of the map, as plotly's JSON: points that fade where they lie thick, names of clusters, a ring."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.elements.map_names import names_of
from lib.clustering import Cluster, ClusterResult, Density
from lib.column_texts import texts_at

if TYPE_CHECKING:
    import numpy as np

_LINE, _LINES = 64, 3
"""Characters of a caption on a line of the hover box, and lines."""
_GPU = 3_000
"""Points from which on the graphics processor draws them."""
_GRID = 64
"""Cells along each side of the map in which points are counted, to tell where they lie thick."""
_FULL, _FAINT = 0.85, 0.25
"""How opaque a point alone is, and one in the thickest crowd."""
_INK = 0.55
"""How opaque the picture of all samples is, where most of them lie."""

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

    `id` is the layout's: it stays with other clusters on the same map. `which` changes with what is bright. `names` are
    the annotations that name the clusters, `places` where all samples are, `below` a trace that lies under the points.
    """

    id: str
    traces: str
    rows: tuple[tuple[int, ...], ...]
    theme: str
    which: str
    names: tuple[dict[str, Any], ...]
    places: np.ndarray
    below: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What of a map is drawn where there are too many samples: these `rows`, and below them how thick all lie.

    `id` tells this part of the map from others.
    """

    id: str
    rows: np.ndarray
    density: Density


def colour_of(cluster: Cluster, theme: str) -> str:
    """A cluster's colour on the map, and in the list beside it."""
    colours = _COLOURS[theme]
    return colours[cluster.colour % len(colours)]


def hovers_of(names: Sequence[str], texts: Sequence[str]) -> list[str]:
    """What is shown over each point: the captions, and the samples' names."""
    return [_hover(name, text) for name, text in zip(names, texts, strict=True)]


def points_of(
    result: ClusterResult,
    hovers: Sequence[str],
    theme: str,
    bright: Collection[str] | None = None,
    drawn: Drawn | None = None,
) -> Points:
    """A trace for each cluster. With `bright` (names) all other samples are grey. `hovers` are of those that are drawn.

    The traces hold the same points whatever is bright, so that the map stays where it was moved to.
    """
    import numpy as np

    shown = np.arange(len(result.names)) if drawn is None else drawn.rows
    places, labels = result.points[shown].astype(np.float64).round(4), result.labels[shown]
    sizes = np.bincount(labels, minlength=len(result.clusters))
    members = np.split(np.argsort(labels, kind="stable"), np.cumsum(sizes)[:-1])
    count = len(shown)
    lit = (
        None if bright is None else np.fromiter((name in bright for name in texts_at(result.names, shown)), bool, count)
    )
    opacity, traces = _opacity(places), []
    for cluster, rows in zip(result.clusters, members, strict=True):
        # Plain lists: the old plotly.js in there cannot read plotly's binary arrays.
        trace = {
            "type": "scattergl" if count > _GPU else "scatter",
            "mode": "markers",
            "name": html.escape(" ".join([str(cluster.number), *cluster.words[:1]])),
            "x": places[rows, 0].tolist(),
            "y": places[rows, 1].tolist(),
            "text": [hovers[row] for row in rows.tolist()],
            "hoverinfo": "text",
            "marker": _marker(cluster, count, theme) | {"opacity": opacity[rows].tolist()},
        }
        traces.append(trace if lit is None else trace | _lit(np.flatnonzero(lit[rows]).tolist(), theme))
    which = "" if lit is None else hashlib.sha256(lit.tobytes()).hexdigest()[:12]
    rows_of_traces = tuple(tuple(shown[rows].tolist()) for rows in members)
    names = names_of(result, places, members, theme)
    below = "" if drawn is None else json.dumps(_crowd(drawn.density, theme))
    key = _key(result, theme, drawn)
    return Points(key, json.dumps(traces), rows_of_traces, theme, which, names, result.points, below)


def _key(result: ClusterResult, theme: str, drawn: Drawn | None) -> str:
    layout_id = result.layout_id or hashlib.sha256(result.points.tobytes()).hexdigest()[:16]
    return ".".join([layout_id, theme, *([] if drawn is None else [drawn.id])])


def _lit(places: list[int], theme: str) -> dict[str, Any]:
    """What lets some of a trace's points stand out."""
    return {
        "selectedpoints": places,
        "selected": {"marker": {"opacity": _FULL}},
        "unselected": {"marker": {"color": _GREY[theme], "opacity": 0.2}},
    }


def _crowd(found: Density, theme: str) -> dict[str, Any]:
    """How thick samples lie, from nothing to full, each shade for so many times as many."""
    import numpy as np

    # What is empty is not drawn at all. Integers: a map of a million is to stay small.
    shades = np.log1p(found.counts) * 100 / max(float(np.log1p(found.counts.max())), 1e-9)
    rows = [[shade or None for shade in row] for row in shades.round().astype(int).tolist()]
    ink = {"light": "60,60,70", "dark": "200,205,215"}[theme]
    return {
        "type": "heatmap",
        "z": rows,
        "x0": float(found.x[0]),
        "dx": float(found.x[1] - found.x[0]),
        "y0": float(found.y[0]),
        "dy": float(found.y[1] - found.y[0]),
        "zmin": 0,
        "zmax": 100,
        "colorscale": [[0, f"rgba({ink},0)"], [1, f"rgba({ink},{_INK})"]],
        "showscale": False,
        "hoverinfo": "skip",
    }


def _opacity(places: np.ndarray) -> np.ndarray:
    """How opaque each point is: the fainter, the more of them lie in its part of the map."""
    import numpy as np

    low, span = places.min(axis=0), np.maximum(np.ptp(places, axis=0), 1e-9)
    cells = np.minimum(((places - low) / span * _GRID).astype(int), _GRID - 1)
    cell = cells[:, 0] * _GRID + cells[:, 1]
    crowd = np.bincount(cell, minlength=_GRID * _GRID)[cell]
    return np.asarray(np.clip(_FULL / np.sqrt(np.maximum(crowd / 4, 1)), _FAINT, _FULL).round(2))


def _marker(cluster: Cluster, count: int, theme: str) -> dict[str, Any]:
    size = next(size for most, size in ((500, 9), (_GPU, 7), (20_000, 5), (float("inf"), 4)) if count <= most)
    symbol = _SYMBOLS[cluster.colour // len(_COLOURS[theme]) % len(_SYMBOLS)]
    return {"color": colour_of(cluster, theme), "symbol": symbol, "size": size, "line": {"width": 0}}


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


def figure_of(points: Points, selecting: bool, chosen: int | None) -> str:
    """The whole figure as JSON text. `chosen`: the row of the sample that wears a ring."""
    ring = json.dumps(_ring(points, chosen))
    layout, config = json.dumps(_layout_of(points, selecting)), json.dumps(_config(selecting))
    # Last, since points are told by the number of their trace; it is drawn below them all the same.
    below = f", {points.below}" if points.below else ""
    traces = f"{points.traces[:-1]}, {ring}{below}]"
    return f'{{"data": {traces}, "layout": {layout}, "config": {config}, "frames": []}}'


def empty_figure(theme: str, selecting: bool) -> str:
    """The figure of a map that is still being made, as JSON text."""
    return json.dumps({"data": [], "layout": _layout(theme, selecting), "config": _config(selecting), "frames": []})


def _ring(points: Points, chosen: int | None) -> dict[str, Any]:
    place = [] if chosen is None else [points.places[chosen].astype(float).round(4).tolist()]
    line = {"width": 2.5, "color": _theme_colour(points.theme, "text")}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _ in place],
        "y": [y for _, y in place],
        "hoverinfo": "skip",
        "marker": {"symbol": "circle-open", "size": 18, "opacity": 1, "line": line, "color": line["color"]},
        "selectedpoints": [0] if place else [],
    }


def _theme_colour(theme: str, name: str) -> str:
    return str(st.get_option(f"theme.{theme}.{name}Color"))


def _layout_of(points: Points, selecting: bool) -> dict[str, Any]:
    text = {"color": _theme_colour(points.theme, "text")}
    return _layout(points.theme, selecting) | {
        "annotations": [name | {"font": name["font"] | text} for name in points.names],
        "uirevision": points.id,
        # A selection made by hand would stay where other samples are to be bright.
        "selectionrevision": points.which,
    }


def _layout(theme: str, selecting: bool) -> dict[str, Any]:
    def colour(name: str) -> str:
        return _theme_colour(theme, name)

    # Every colour by hand: the renderer in there knows no template. No grid: the axes mean nothing.
    # Ticks have to be refused: plotly draws them wherever there is a heatmap.
    axis = {
        "showticklabels": False,
        "ticks": "",
        "zeroline": False,
        "showgrid": False,
        "showline": False,
        "title": {"text": ""},
    }
    return {
        "autosize": True,
        # Room above for the bar of tools, which would else lie upon points.
        "margin": {"l": 4, "r": 4, "t": 30, "b": 4},
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
        # The list beside the map is its legend.
        "showlegend": False,
        # With lasso as the drag mode a click would never come back.
        "dragmode": "lasso" if selecting else "pan",
    }


def _config(selecting: bool) -> dict[str, Any]:
    unused = ["toggleSpikelines", "hoverClosestCartesian", "hoverCompareCartesian", "autoScale2d", "toImage"]
    unused += [] if selecting else ["select2d", "lasso2d"]
    return {"displaylogo": False, "scrollZoom": True, "responsive": True, "modeBarButtonsToRemove": unused}
