"""Who looks on while work is done: a portion of some work tells of the whole."""

from __future__ import annotations

from lib.progress import Portion
from tests.doubles.onlooker import Onlooker, stop_at


def test_a_portion_counts_from_where_it_begins_and_to_the_end_of_the_whole() -> None:
    watch = Onlooker()
    Portion(watch, 0, 10).advance(5, 5)
    Portion(watch, 5, 10).advance(2, 0)
    assert watch.told == [(5, 10), (7, 10)]


def test_who_stops_the_whole_stops_its_portions() -> None:
    portion = Portion(stop_at(2), 5, 10)
    assert not portion.is_cancelled()
    assert portion.is_cancelled()
