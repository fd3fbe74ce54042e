"""What a run will take, reckoned from the few images that were tried."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lib.caption_cost import Estimate, estimate, money
from lib.domain import Caption, ModelSpec, Usage

FREE = ModelSpec("m", "M", "nim", "x/y")
PRICED = replace(FREE, price_in=2.0, price_out=10.0)
TRIED = [Caption("a", seconds=2.0, usage=Usage(1000, 40)), Caption("b", seconds=4.0, usage=Usage(1400, 60))]


def test_without_a_try_only_the_requests_are_known() -> None:
    assert estimate(300, [], PRICED) == Estimate(300, 300)


def test_tokens_and_time_and_money_are_those_of_the_tried_ones() -> None:
    found = estimate(300, TRIED, PRICED, workers=4)
    assert (found.requests, found.read, found.written) == (300, 1200, 50)
    assert found.seconds == pytest.approx(300 * 3 / 4)
    assert found.dollars == pytest.approx(300 * (1200 * 2 + 50 * 10) / 1_000_000)


def test_a_price_that_is_not_known_is_no_price_of_nothing() -> None:
    assert estimate(300, TRIED, FREE).dollars is None
    assert estimate(300, [Caption("a", seconds=1.0)], PRICED).dollars is None


def test_second_tries_count() -> None:
    found = estimate(300, [replace(TRIED[0], requests=2), TRIED[1]], FREE, workers=1, rpm=40)
    assert found.requests == 450
    assert found.seconds == pytest.approx(max(300 * 3, 449 * 60 / 40))


def test_a_service_that_tells_no_tokens_for_one_picture_tells_them_by_the_others() -> None:
    assert estimate(10, [TRIED[0], Caption("b", seconds=1.0)], FREE).read == 1000


@pytest.mark.parametrize(
    ("dollars", "words"), [(0.0, "less than a cent"), (0.349, "$0.35"), (12.5, "$12.50"), (1234.5, "$1,234")]
)
def test_money_in_words(dollars: float, words: str) -> None:
    assert money(dollars) == words
