"""The map's traces: what is escaped, what is seen over a point, and which sample a point is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.elements.map_figure import Drawn, Points, colour_of, figure_of, hovers_of, points_of
from app.elements.scatter import rows_of
from lib.clustering import Cluster, ClusterResult, density, map_sample
from lib.domain import ClusterSpec


def _map(result: ClusterResult, texts: Sequence[str], theme: str, bright: frozenset[str] | None = None) -> Points:
    return points_of(result, hovers_of(result.names, texts), theme, bright)


def _result(words: tuple[str, ...], names: tuple[str, ...]) -> ClusterResult:
    count = len(names)
    cluster = Cluster(0, count, words, 0.0, (), ())
    points = np.arange(2 * count, dtype=np.float32).reshape(count, 2)
    keys = np.zeros((count, 16), np.uint8)
    labels = np.zeros(count, np.int32)
    return ClusterResult(ClusterSpec(k=1), "m", names, labels, points, keys, (cluster,), 0.0, 0.0, 2, 1.0)


def test_foreign_text_on_the_map_is_escaped_and_links_are_none() -> None:
    evil = "<a href='http://example.org'>x</a><script>"
    points = _map(_result((evil,), (f"{evil}.jpg",)), [evil * 20], "light")
    traces: list[dict[str, Any]] = json.loads(points.traces)
    said = traces[0]["name"] + traces[0]["text"][0]
    assert "&lt;a href" in said
    assert "<a" not in said
    assert "<script" not in said


def test_the_hover_box_stays_small_whatever_the_caption() -> None:
    points = _map(_result((), ("a.jpg", "b.jpg")), ["word " * 900, "x" * 900], "light")
    for text in json.loads(points.traces)[0]["text"]:
        lines = text.split("<br>")
        assert len(lines) == 4
        assert max(map(len, lines)) < 80


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_seventy_clusters_differ_in_colour_or_shape(theme: str) -> None:
    names = tuple(f"{number}.jpg" for number in range(70))
    clusters = tuple(Cluster(number, 1, (), 0.0, (), ()) for number in range(70))
    result = replace(_result((), names), clusters=clusters, labels=np.arange(70, dtype=np.int32))
    traces = json.loads(_map(result, names, theme).traces)
    assert len({(trace["marker"]["color"], trace["marker"]["symbol"]) for trace in traces}) == 70


def test_points_that_are_none_of_the_map_are_no_samples() -> None:
    points = _map(_result((), ("a.jpg", "b.jpg")), ["", ""], "dark")
    found = [
        {"curveNumber": curve, "pointNumber": place} for curve, place in ((0, 1), (0, 2), (1, 0), (-1, 0), (0, -1))
    ]
    assert rows_of(points, [*found, {}, {"curveNumber": "0", "pointNumber": None}]) == [1]


def test_a_new_number_of_clusters_is_the_same_map_to_the_browser_and_another_layout_is_not() -> None:
    result = replace(_result((), ("a.jpg", "b.jpg")), layout_id="one")
    split = tuple(Cluster(number, 1, (), 0.0, (), ()) for number in range(2))
    other_k = replace(result, clusters=split, labels=np.arange(2, dtype=np.int32))
    first, second = (_map(one, ["", ""], "light") for one in (result, other_k))
    assert first.id == second.id
    assert json.loads(first.traces) != json.loads(second.traces)
    assert _map(replace(result, layout_id="two"), ["", ""], "light").id != first.id


def test_a_cluster_keeps_its_colour_under_another_number() -> None:
    result = _result(("dog",), ("a.jpg",))
    kept = replace(result, clusters=(replace(result.clusters[0], colour_kept=3),))
    fourth = replace(result.clusters[0], number=3)
    colours = [json.loads(_map(one, [""], "light").traces)[0]["marker"]["color"] for one in (result, kept)]
    assert colours == [colour_of(result.clusters[0], "light"), colour_of(fourth, "light")]
    assert colours[0] != colours[1]


def test_points_fade_where_they_lie_thick() -> None:
    names = tuple(f"{number}.jpg" for number in range(101))
    places = np.zeros((101, 2), np.float32)
    places[-1] = 9
    opacity = json.loads(_map(replace(_result((), names), points=places), names, "light").traces)[0]["marker"][
        "opacity"
    ]
    assert opacity[0] < opacity[-1]


def test_names_stand_at_their_clusters_and_none_upon_another() -> None:
    names = tuple(f"{number}.jpg" for number in range(15))
    clusters = tuple(Cluster(number, 3, (f"<b>{number}",), 0.0, (), ()) for number in range(5))
    places = np.array([[0, 0]] * 12 + [[5, 5]] * 3, np.float32)
    labels = np.repeat(np.arange(5, dtype=np.int32), 3)
    result = replace(_result((), names), clusters=clusters, labels=labels, points=places)
    said = [(name["x"], round(name["y"], 3), name["text"][8:-4]) for name in _map(result, names, "light").names]
    # One a line above the other, one a line below; the fourth in the same place finds no room.
    assert said == [(0, 0, "&gt;0"), (0, 0.225, "&gt;1"), (0, -0.225, "&gt;2"), (5, 5, "&gt;4")]


def test_the_chosen_sample_wears_a_ring_that_is_no_sample() -> None:
    points = _map(_result((), ("a.jpg", "b.jpg")), ["", ""], "light")
    ring = json.loads(figure_of(points, selecting=False, chosen=1))["data"][-1]
    assert (ring["x"], ring["y"], ring["hoverinfo"]) == ([2], [3], "skip")
    assert rows_of(points, [{"curveNumber": 1, "pointNumber": 0}]) == []
    assert json.loads(figure_of(points, selecting=False, chosen=None))["data"][-1]["x"] == []


def test_of_a_large_map_some_points_are_drawn_above_a_picture_of_all() -> None:
    names = tuple(f"{number}.jpg" for number in range(900))
    draw = np.random.default_rng(0)
    places = draw.standard_normal((900, 2)).astype(np.float32)
    result = replace(_result(("dog",), names), points=places)
    rows = map_sample(result.labels, places, 40)
    drawn = Drawn("some", rows, density(places, (6, 8)))
    points = points_of(result, hovers_of([names[row] for row in rows], [""] * 40), "light", None, drawn)
    figure = json.loads(figure_of(points, selecting=False, chosen=int(rows[3])))
    dots, ring, crowd = figure["data"]
    assert len(dots["x"]) == len(dots["text"]) == 40
    assert rows_of(points, [{"curveNumber": 0, "pointNumber": 7}]) == [rows[7]]
    assert names[rows[7]] in dots["text"][7]
    assert (ring["x"], ring["y"]) == ([dots["x"][3]], [dots["y"][3]])
    assert (crowd["type"], crowd["hoverinfo"]) == ("heatmap", "skip")
    assert np.array(crowd["z"], float).shape == (6, 8)
    assert rows_of(points, [{"curveNumber": 2, "pointNumber": 0}]) == []
    whole = _map(result, [""] * 900, "light")
    assert points.id != whole.id
    assert "heatmap" not in figure_of(whole, selecting=False, chosen=None)
