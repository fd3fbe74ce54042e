"""A group is a group of twins: each is the twin of each."""

from __future__ import annotations

from lib.review.duplicates.linkage import complete_groups
from lib.review.duplicates.pairs import Twins


def pairs(*told):
    return [Twins(first, second, "alike", likeness) for first, second, likeness in told]


def test_all_that_are_alike_are_one_group():
    assert complete_groups(pairs((0, 1, 0.99), (1, 2, 0.98), (0, 2, 0.97))) == [[0, 1, 2]]


def test_a_chain_is_cut_where_it_holds_least():
    found = complete_groups(pairs((0, 1, 0.99), (1, 2, 0.95), (2, 3, 0.99)))
    assert found == [[0, 1], [2, 3]]


def test_no_pair_is_lost_where_one_picture_has_two_cuttings():
    assert complete_groups(pairs((0, 1, 0.99), (0, 2, 0.97))) == [[0, 1], [0, 2]]


def test_the_order_of_the_pairs_does_not_matter():
    told = pairs((0, 1, 0.99), (1, 2, 0.95), (2, 3, 0.98), (0, 2, 0.94))
    assert complete_groups(told) == complete_groups(told[::-1])
