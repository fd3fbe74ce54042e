"""Principal components as the field computes them, and K-Means whose numbers mean the same each time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from lib.clustering.kmeans import partition
from lib.clustering.quality import by_distance, silhouettes, whole_silhouette
from lib.clustering.reduce import reduce
from lib.clustering.suggest import suggest_k


def matrix(rows: int, columns: int, *, far: float = 0.0) -> np.ndarray:
    draw = np.random.default_rng(5)
    return (draw.standard_normal((rows, 6)) @ draw.standard_normal((6, columns)) * 3 + far
            + draw.standard_normal((rows, columns))).astype(np.float32)  # fmt: skip


def blobs(count: int, rows: int, dimensions: int = 10) -> np.ndarray:
    draw = np.random.default_rng(1)
    centres = draw.standard_normal((count, dimensions)) * 6
    return np.concatenate([centre + draw.standard_normal((rows + 5 * n, dimensions)) for n, centre in
                           enumerate(centres)]).astype(np.float32)  # fmt: skip


@pytest.mark.parametrize(("rows", "columns", "far"), [(9_000, 40, 0.0), (9_000, 40, 100.0), (30, 200, 0.0)])
def test_components_are_those_of_scikit_learn(rows: int, columns: int, far: float) -> None:
    from sklearn.decomposition import PCA

    data = matrix(rows, columns, far=far)
    expected = PCA(10, svd_solver="full").fit(data.astype(np.float64))
    found = reduce(data, 10)
    assert found.points.shape == (rows, 10)
    np.testing.assert_allclose(found.variance, expected.explained_variance_ratio_, rtol=1e-3)
    projected = expected.transform(data.astype(np.float64))
    np.testing.assert_allclose(np.abs(found.points[:, :6]), np.abs(projected[:, :6]), atol=0.02)


@pytest.mark.parametrize(("rows", "columns", "kept"), [(1, 5, 2), (2, 5, 2), (4, 9, 3), (60, 1, 2), (60, 200, 50)])
def test_there_are_never_more_components_than_the_data_have_nor_fewer_than_the_map_needs(
    rows: int, columns: int, kept: int
) -> None:
    found = reduce(matrix(rows, columns))
    assert found.points.shape == (rows, kept)
    assert np.isfinite(found.points).all()
    assert 0 <= found.variance.sum() <= 1 + 1e-6


def test_equal_rows_have_no_variance_and_are_no_failure() -> None:
    found = reduce(np.ones((20, 8), np.float32))
    assert not found.points.any()
    assert not found.variance.any()


def test_the_matrix_is_read_in_slices_and_a_check_can_end_it() -> None:
    class Stopped(Exception):
        pass

    calls = iter([None, None, Stopped()])

    def check() -> None:
        if (error := next(calls)) is not None:
            raise error

    with pytest.raises(Stopped):
        reduce(matrix(20_000, 8), check=check)


def test_the_largest_cluster_is_number_0_and_the_same_seed_gives_the_same_numbers() -> None:
    points = blobs(6, 40)
    first = partition(points, 6, seed=3)
    sizes = np.bincount(first.labels)
    assert sizes.tolist() == sorted(sizes.tolist(), reverse=True) == [65, 60, 55, 50, 45, 40]
    np.testing.assert_array_equal(first.labels, partition(points, 6, seed=3).labels)
    np.testing.assert_array_equal(first.labels, partition(points, 6, seed=99).labels)
    np.testing.assert_allclose(first.centres[0], points[first.labels == 0].mean(axis=0), atol=1e-4)


def test_equally_large_clusters_are_numbered_by_which_comes_first() -> None:
    points = np.repeat(np.array([[5, 5], [0, 0], [9, 0]], np.float32), 4, axis=0)
    assert partition(points, 3).labels.tolist() == [0] * 4 + [1] * 4 + [2] * 4


def test_fewer_clusters_come_out_where_fewer_rows_differ() -> None:
    points = np.repeat(np.eye(3, dtype=np.float32), [5, 3, 4], axis=0)
    found = partition(points, 8)
    assert np.bincount(found.labels).tolist() == [5, 4, 3]
    assert found.centres.shape == (3, 3)


def test_many_rows_are_clustered_as_well_as_the_whole_way() -> None:
    from sklearn.cluster import KMeans

    points = reduce(matrix(24_000, 30), 12).points
    found = partition(points, 12)
    assert found.inertia <= 1.01 * KMeans(12, n_init=3, random_state=0).fit(points).inertia_
    np.testing.assert_array_equal(found.labels, partition(points, 12).labels)


def test_silhouettes_tell_good_clusters_from_bad_ones() -> None:
    points = blobs(4, 900)
    good = partition(points, 4).labels
    bad = np.arange(len(points)) % 4
    assert silhouettes(points, good, 4).min() > 0.6
    assert silhouettes(points, bad, 4).max() < 0.05
    assert not silhouettes(points, np.zeros(len(points), np.int32), 1).any()
    assert not silhouettes(points[:3], np.arange(3), 3).any()


def test_sampled_silhouettes_come_near_the_exact_ones() -> None:
    from sklearn.metrics import silhouette_score

    points = reduce(matrix(6_000, 30), 12).points
    labels = partition(points, 8).labels
    sampled = whole_silhouette(silhouettes(points, labels, 8), labels)
    assert sampled == pytest.approx(silhouette_score(points, labels), abs=0.02)


def test_members_are_ordered_from_typical_to_unusual() -> None:
    points = np.array([[0, 0], [3, 0], [1, 0], [50, 0], [51, 0]], np.float32)
    members = by_distance(points, np.array([0, 0, 0, 1, 1]), np.array([[0, 0], [51, 0]], np.float32))
    assert [place.tolist() for place in members] == [[0, 2, 1], [4, 3]]


def test_the_number_of_clusters_that_is_there_is_recommended() -> None:
    points = blobs(7, 60)
    steps: list[tuple[int, int]] = []
    found = suggest_k(points, most=15, advance=lambda *at: steps.append(at))
    assert found.recommended == 7
    assert found.k == tuple(range(2, 16))
    assert len(found.inertia) == len(found.silhouette) == 14
    assert found.silhouette[5] == max(found.silhouette) > 0.5
    assert list(found.inertia[:6]) == sorted(found.inertia[:6], reverse=True)
    assert steps[-1] == (14, 14)


def test_without_structure_the_knee_of_the_inertia_is_recommended() -> None:
    points = np.random.default_rng(0).standard_normal((400, 20)).astype(np.float32)
    found = suggest_k(points, most=12)
    assert max(found.silhouette) < 0.25
    line = np.linspace(found.inertia[0], found.inertia[-1], len(found.k))
    assert found.recommended == found.k[int(np.argmax(line - np.array(found.inertia)))]


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_suggestion_for_hardly_any_samples(rows: int) -> None:
    found = suggest_k(blobs(1, 5)[:rows])
    assert 1 <= found.recommended <= rows


def test_a_check_can_end_a_single_start_on_few_rows_and_the_last_improvement_on_many() -> None:
    class Stopped(Exception):
        pass

    points = np.random.default_rng(2).standard_normal((12_000, 8)).astype(np.float32)
    for count, last in ((4_000, 2), (12_000, 17)):
        calls = iter(range(1, 1_000))

        def check(calls: Iterator[int] = calls, last: int = last) -> None:
            if next(calls) == last:
                raise Stopped

        with pytest.raises(Stopped):
            partition(points[:count], 60, check=check)


def test_steps_a_few_at_a_time_lead_where_all_at_once_lead() -> None:
    from sklearn.cluster import KMeans

    points = np.random.default_rng(2).standard_normal((4_000, 8)).astype(np.float32)
    looks: list[int] = []
    found = partition(points, 60, check=lambda: looks.append(1))
    assert len(looks) > 10
    assert found.inertia == pytest.approx(KMeans(60, n_init=5, random_state=0).fit(points).inertia_, rel=1e-6)


@pytest.mark.parametrize("seed", [0, 7])
def test_the_starts_are_those_of_scikit_learn(seed: int) -> None:
    from sklearn.cluster import KMeans

    points = reduce(matrix(900, 30), 12).points
    whole = KMeans(9, n_init=5, random_state=seed).fit(points)
    found = partition(points, 9, seed)
    assert found.inertia == pytest.approx(whole.inertia_, rel=1e-6)
    assert sorted(np.bincount(found.labels)) == sorted(np.bincount(whole.labels_))
