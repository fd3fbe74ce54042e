"""What of a large map is drawn: some of each cluster, the same ones again, and how thick all of them lie."""

from __future__ import annotations

import numpy as np
import pytest

from lib.clustering.map_sample import density, map_sample


def drawn(count: int, clusters: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Labels of very different frequency, and places."""
    draw = np.random.default_rng(4)
    labels = np.minimum(draw.geometric(0.35, count) - 1, clusters - 1).astype(np.int32)
    return labels, draw.standard_normal((count, 2)).astype(np.float32)


def test_a_map_that_can_be_drawn_is_drawn_whole() -> None:
    labels, places = drawn(900)
    np.testing.assert_array_equal(map_sample(labels, places, 900), np.arange(900))
    assert len(map_sample(labels, places, 899)) == 899


def test_small_clusters_are_shown_and_large_ones_by_their_size() -> None:
    labels, places = drawn(40_000)
    sizes = np.bincount(labels)
    rows = map_sample(labels, places, 3_000, 50)
    shown = np.bincount(labels[rows], minlength=len(sizes))
    assert len(rows) == len(set(rows.tolist())) == 3_000
    assert (shown >= np.minimum(sizes, 50)).all()
    assert (shown[sizes <= 50] == sizes[sizes <= 50]).all()
    assert shown[0] / shown[1] == pytest.approx(sizes[0] / sizes[1], rel=0.05)
    assert (np.diff(rows) > 0).all()


def test_more_clusters_than_there_is_room_for_share_it_evenly() -> None:
    labels = np.arange(10_000, dtype=np.int32) % 100
    rows = map_sample(labels, np.zeros((10_000, 2), np.float32), 1_000, 50)
    assert np.bincount(labels[rows]).tolist() == [10] * 100


def test_the_same_points_come_again_and_most_of_them_with_other_clusters_and_with_new_samples() -> None:
    labels, places = drawn(40_000)
    rows = map_sample(labels, places, 3_000)
    np.testing.assert_array_equal(rows, map_sample(labels, places, 3_000))
    other = np.where((labels == 0) & (places[:, 0] > 0), 12, labels)
    assert len(np.intersect1d(rows, map_sample(other, places, 3_000))) > 2_700
    assert len(np.intersect1d(rows, map_sample(labels[:36_000], places[:36_000], 2_700))) > 2_400
    assert len(np.intersect1d(rows, map_sample(labels, places, 3_000, seed=1))) < 1_000


def test_a_part_of_the_map_shows_more_of_what_lies_in_it_and_nothing_else() -> None:
    labels, places = drawn(40_000)
    rows = map_sample(labels, places, 3_000, window=(0, 1, -1, 0))
    inside = places[rows]
    assert len(rows) == 3_000
    assert inside[:, 0].min() >= 0
    assert inside[:, 0].max() <= 1
    assert inside[:, 1].min() >= -1
    assert inside[:, 1].max() <= 0
    assert not len(map_sample(labels, places, 3_000, window=(90, 91, 90, 91)))


def test_the_density_counts_every_point_where_it_lies() -> None:
    places = np.array([[0, 0], [4, 2], [4, 2], [3.9, 0]], np.float32)
    found = density(places, (2, 4))
    assert found.counts.tolist() == [[1, 0, 0, 1], [0, 0, 0, 2]]
    assert found.x.tolist() == [0.5, 1.5, 2.5, 3.5]
    assert found.y.tolist() == [0.5, 1.5]
    assert density(places, (1, 1), window=(3.5, 4, 0, 1)).counts.tolist() == [[1]]


def test_a_map_of_one_place_has_a_density_too() -> None:
    assert density(np.ones((7, 2), np.float32), (3, 3)).counts.sum() == 7
