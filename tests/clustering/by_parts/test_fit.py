"""Clusters of parts are those of the whole, however the rows were cut, and wherever a pass was run."""

from __future__ import annotations

import functools
import itertools
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from lib.clustering import kmeans as kmeans_module
from lib.clustering import reduce as reduce_module
from lib.clustering.by_parts import covariance, lloyd
from lib.clustering.by_parts.fit import FittedClusters, Given, PassAnswer, VectorPart, fit
from lib.clustering.kmeans import partition
from lib.clustering.reduce import reduce
from tests.doubles.neighbours_kept import drawn_vectors

_ROWS, _WIDTH, _K = 14_000, 32, 12


def blocks(start: int, end: int, size: int, rows: int = _ROWS) -> Iterator[np.ndarray]:
    """A stretch of the same drawn rows, block by block; a module's own function, so that it can be sent away."""
    drawn = matrix(rows)
    yield from (drawn[at : min(end, at + size)] for at in range(start, end, size))


@functools.lru_cache(maxsize=2)
def matrix(rows: int = _ROWS) -> np.ndarray:
    """No islands: where clusters begin is anybody's choice, and a start that differs leads elsewhere."""
    draw = np.random.default_rng(3)
    centres = draw.standard_normal((30, _WIDTH), np.float32)
    return centres[draw.integers(0, 30, rows)] + 2 * draw.standard_normal((rows, _WIDTH), np.float32) + 7


def cut_at(ends: Iterable[int], size: int = 1_000, rows: int = _ROWS) -> list[VectorPart]:
    at = [0, *ends, rows]
    return [functools.partial(blocks, start, end, size, rows) for start, end in itertools.pairwise(at)]


def labels_of(found: FittedClusters, rows: int = _ROWS) -> np.ndarray:
    return np.concatenate([labels for labels, _ in found.assign([matrix(rows)])])


@pytest.mark.parametrize(
    ("ends", "size"), [(range(1_000, _ROWS, 1_000), 1_000), ((1, 2, 6_007, 6_007, 13_999), 777), ((5_000,), _ROWS)]
)
def test_the_number_of_parts_and_their_sizes_change_no_cluster(ends: Sequence[int], size: int) -> None:
    whole, found = fit(cut_at(()), _K), fit(cut_at(ends, size), _K)
    assert adjusted_rand_score(labels_of(whole), labels_of(found)) == 1.0
    assert found.inertia == pytest.approx(whole.inertia, rel=1e-6)
    assert found.sizes == whole.sizes
    np.testing.assert_allclose(found.axes.axes, whole.axes.axes, atol=1e-6)
    np.testing.assert_allclose(found.axes.variance, whole.axes.variance, rtol=1e-6)
    np.testing.assert_allclose(found.centres, whole.centres, atol=1e-4)


@pytest.mark.parametrize("rows", [2_000, _ROWS])
def test_clusters_by_parts_are_those_of_the_matrix_in_one_go(rows: int) -> None:
    reduced = reduce(matrix(rows))
    expected = partition(reduced.points, _K)
    found = fit(cut_at((700, 1_500), rows=rows), _K)
    # Of many rows without islands the last digits of a processor's arithmetic lead elsewhere, to clusters as tight.
    assert found.inertia == pytest.approx(expected.inertia, rel=1e-4 if rows < _ROWS else 2e-3)
    if rows < _ROWS:
        # Numbers too: by size, and of equal sizes by which comes first.
        np.testing.assert_array_equal(labels_of(found, rows), expected.labels)
        assert found.sizes == tuple(np.bincount(expected.labels))
    np.testing.assert_allclose(found.axes.variance, reduced.variance, rtol=1e-3)


def test_above_many_rows_one_go_is_the_way_by_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kmeans_module, "MANY", 12_000)
    monkeypatch.setattr(reduce_module, "MANY", 12_000)
    reduced = reduce(matrix())
    local, found = partition(reduced.points, _K), fit(cut_at((3_000, 9_000)), _K)
    np.testing.assert_array_equal(local.labels, labels_of(found))
    assert local.inertia == pytest.approx(found.inertia, rel=1e-6)
    np.testing.assert_allclose(reduced.variance, found.axes.variance, rtol=1e-6)


def test_what_a_pass_takes_and_gives_can_be_sent_and_is_small() -> None:
    sizes: list[int] = []

    def elsewhere(function: Callable[[Given], PassAnswer], items: Sequence[Given], /) -> Iterable[PassAnswer]:
        for item in items:
            run, given = pickle.loads(pickle.dumps((function, item)))
            answer = pickle.dumps(run(given))
            sizes.append(len(answer))
            yield pickle.loads(answer)

    whole, found = fit(cut_at((4_000,)), _K), fit(cut_at((4_000,)), _K, map_over=elsewhere)
    np.testing.assert_array_equal(labels_of(found), labels_of(whole))
    # The largest is a part's share of the sample; a step's sums are a few thousand bytes.
    assert max(sizes) <= 10_000 * _WIDTH * 4 + 1_000
    assert sizes[-1] < 10_000


def test_moments_are_those_of_the_rows_far_from_the_origin_too() -> None:
    rows = (matrix() + 1_000).astype(np.float32)
    found = covariance.combine(covariance.partial([part]) for part in np.array_split(rows, 5))
    np.testing.assert_allclose(found.mean, rows.mean(axis=0, dtype=np.float64), rtol=1e-9)
    np.testing.assert_allclose(found.scatter / found.count, np.cov(rows.T.astype(np.float64), bias=True), rtol=1e-6)


def test_a_step_over_parts_is_the_step_over_all_and_knows_which_member_comes_first() -> None:
    rows, centres = matrix()[:3_000], np.eye(6, _WIDTH, dtype=np.float32) * 12
    # One centre has members in the last part alone, one has none.
    rows = np.concatenate([rows, np.full((2, _WIDTH), -90, np.float32)])
    centres[4], centres[5] = -90, 900
    whole = lloyd.partial([rows], centres)
    found = lloyd.combine(lloyd.partial([part], centres) for part in np.split(rows, [0, 5, 1_300, 3_000]))
    np.testing.assert_array_equal(found.counts, whole.counts)
    np.testing.assert_allclose(found.sums, whole.sums)
    assert found.first.tolist() == whole.first.tolist()
    assert found.first[4:].tolist() == [3_000, 3_002]
    assert (found.rows, found.inertia) == (3_002, pytest.approx(whole.inertia))
    np.testing.assert_array_equal(lloyd.moved(found, centres)[5], centres[5])


def test_equal_rows_are_one_cluster_and_no_row_is_an_error() -> None:
    equal = fit([lambda: [np.ones((9_000, 4), np.float32)]] * 2, 3)
    assert equal.sizes == (18_000,)
    with pytest.raises(ValueError, match="no rows"):
        fit([list], 2)


def test_a_check_ends_it_between_two_passes() -> None:
    class Stopped(Exception):
        pass

    calls: list[int] = []

    def check() -> None:
        calls.append(1)
        if len(calls) == 12:
            raise Stopped

    with pytest.raises(Stopped):
        fit(cut_at((4_000,)), _K, check=check)


def test_other_seeds_give_other_clusters() -> None:
    vectors = drawn_vectors(3_000)
    first, second = (fit([lambda: [vectors]], 9, seed=seed) for seed in (0, 1))
    assert first.inertia != second.inertia
