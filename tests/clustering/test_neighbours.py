"""Neighbours are the nearest rows: all of them where there are few rows, nearly all where there are many."""

from __future__ import annotations

import numpy as np
import pytest

from lib.clustering import neighbours
from lib.clustering.neighbours import edges_of, middle_of_nearest, nearest
from tests.doubles.neighbours_kept import drawn_vectors


def plainly(points: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    places = np.argsort(distances, axis=1, kind="stable")[:, :count]
    return places, np.take_along_axis(distances, places, 1)


def test_neighbours_are_the_nearest_rows_and_each_row_comes_first_in_its_own() -> None:
    points = drawn_vectors(300)
    places, distances = nearest(points, 10)
    expected = plainly(points, 10)
    np.testing.assert_array_equal(places, expected[0])
    np.testing.assert_allclose(distances, expected[1], atol=1e-3)


def test_of_many_rows_nine_in_ten_neighbours_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    points = drawn_vectors(11_000, width=16)
    exact, _ = nearest(points, 12)
    monkeypatch.setattr(neighbours, "EXACT", 10_000)
    found, _ = nearest(points, 12)
    assert (found[:, 0] == np.arange(len(points))).all()
    assert np.mean([len(set(one) & set(other)) / 12 for one, other in zip(exact, found, strict=True)]) > 0.9


def test_among_equal_rows_each_is_its_own_first_neighbour() -> None:
    points = np.ones((50, 3), np.float32)
    places, distances = nearest(points, 5)
    assert (places[:, 0] == np.arange(50)).all()
    assert not distances.any()


def test_edges_go_both_ways_with_one_weight_and_the_nearest_weigh_most() -> None:
    edges = edges_of(drawn_vectors(200))
    weight = dict(zip(zip(edges.heads.tolist(), edges.tails.tolist(), strict=True), edges.weights, strict=True))
    assert all(weight[tail, head] == value for (head, tail), value in weight.items())
    assert all(head != tail for head, tail in weight)
    assert 0 < edges.weights.min() <= edges.weights.max() == 1


def test_rows_are_placed_in_the_middle_of_their_five_nearest_within_cells_as_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = drawn_vectors(14_000, width=16)
    rows, others, places = points[:3_000], points[3_000:], points[3_000:, :2]
    exact = middle_of_nearest(rows, others, places)
    first = np.argsort(np.linalg.norm(others - rows[0], axis=1))[:5]
    np.testing.assert_allclose(exact[0], np.median(places[first], axis=0), atol=1e-6)
    monkeypatch.setattr(neighbours, "EXACT", 10_000)
    monkeypatch.setattr(neighbours, "MANY", 10_000)
    found = middle_of_nearest(rows, others, places)
    assert np.mean(np.linalg.norm(found - exact, axis=1) < 0.02) > 0.9
