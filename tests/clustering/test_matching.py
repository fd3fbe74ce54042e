"""A cluster is the same cluster after another run: in number and in colour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lib.clustering.base import Cluster, ClusterResult
from lib.clustering.matching import keep_numbers
from lib.domain import ClusterSpec

NAMES = tuple("abcdefghij")


def result(labels: list[int], colours: dict[int, int] | None = None) -> ClusterResult:
    array = np.array(labels, np.int32)
    sizes = np.bincount(array).tolist()
    clusters = tuple(
        Cluster(number, size, (), 0.0, (), (), (colours or {}).get(number)) for number, size in enumerate(sizes)
    )
    keys, points = np.zeros((len(labels), 16), np.uint8), np.zeros((len(labels), 2), np.float32)
    names = NAMES[: len(labels)]
    return ClusterResult(ClusterSpec(k=len(sizes)), "m", names, array, points, keys, clusters, 0.0, 0.0, 2, 1.0)


def kept(labels: list[int], before: ClusterResult) -> tuple[tuple[int, ...], tuple[int, ...]]:
    found = keep_numbers(NAMES[: len(labels)], np.array(labels), max(labels) + 1, before)
    return found.numbers, found.colours


def test_without_an_earlier_run_numbers_and_colours_go_by_size() -> None:
    found = keep_numbers(NAMES, np.zeros(10, np.int32), 3, None)
    assert (found.numbers, found.colours) == ((0, 1, 2), (0, 1, 2))


def test_clusters_that_changed_places_keep_what_they_had() -> None:
    assert kept([1, 1, 1, 0, 0, 0, 0], result([0, 0, 0, 0, 1, 1, 1])) == ((1, 0), (1, 0))


def test_one_that_is_split_leaves_its_number_to_the_larger_part() -> None:
    before = result([0, 0, 0, 0, 0, 0, 1, 1, 1])
    assert kept([1, 1, 2, 2, 2, 2, 0, 0, 0], before) == ((1, 2, 0), (1, 2, 0))


def test_one_that_grew_too_high_a_number_keeps_its_colour() -> None:
    before = result([0, 0, 0, 1, 1, 2, 2, 3, 3])
    numbers, colours = kept([0, 0, 0, 0, 0, 0, 0, 1, 1], before)
    assert (numbers, colours) == ((0, 1), (0, 3))
    # And so it is with a number of its own again.
    again = result([0, 0, 0, 0, 0, 0, 0, 1, 1], {1: 3})
    numbers, colours = kept([0, 0, 0, 2, 2, 2, 2, 1, 1], again)
    assert numbers[1] == 1
    assert colours[1] == 3
    assert len(set(colours)) == 3


def test_what_has_next_to_nothing_in_common_is_another_cluster() -> None:
    before = replace(result([0] * 5 + [1] * 5), names=tuple("ABCDEFGHIj"))
    assert kept([0] * 5 + [1] * 5, before)[0] == (0, 1)
    mixed = result([0, 0, 0, 0, 0, 0, 0, 0, 1, 1], {0: 4, 1: 7})
    assert set(kept([1, 0, 0, 0, 0, 0, 0, 0, 0, 0], mixed)[1]) == {4, 0}


def test_samples_of_one_run_only_do_not_count() -> None:
    before = replace(result([0, 0, 1, 1]), names=("x", "y", "c", "d"))
    assert kept([1, 1, 0, 0], before)[0] == (1, 0)
