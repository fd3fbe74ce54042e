"""The map's traces: what is escaped, what is seen over a point, and which sample a point is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.elements.scatter import Points, hovers_of, points_of, rows_of
from lib.clustering import Cluster, ClusterResult
from lib.domain import ClusterSpec


def _map(result: ClusterResult, texts: Sequence[str], theme: str, bright: frozenset[str] | None = None) -> Points:
    return points_of(result, hovers_of(result, texts), theme, bright)


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
