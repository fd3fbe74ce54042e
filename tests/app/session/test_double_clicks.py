"""A double click counts once, and a click that failed does not count."""

from __future__ import annotations

import pytest

from app.session.double_clicks import one_click
from app.session.state import AppState
from lib.errors import InvalidInput


@pytest.fixture(autouse=True)
def slow_hands(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, the second click comes soon enough."""
    monkeypatch.setattr("app.session.double_clicks._DOUBLE_CLICK_S", 3_600.0)


def click(state: AppState, asked: object = "export") -> bool:
    with one_click(state, asked) as first:
        return first


def test_the_second_half_of_a_double_click_does_not_count() -> None:
    state = AppState(owner="local")
    assert [click(state), click(state), click(state)] == [True, False, False]


def test_a_click_for_something_else_counts_however_soon_it_comes() -> None:
    state = AppState(owner="local")
    assert [click(state), click(state, "import"), click(state)] == [True, True, True]


def test_a_click_that_failed_is_forgotten_so_that_the_next_one_counts() -> None:
    state = AppState(owner="local")

    def fail() -> None:
        with one_click(state, "export"):
            raise InvalidInput("The disk is full.", "Make room.")

    with pytest.raises(InvalidInput):
        fail()
    assert click(state)


def test_the_second_half_that_runs_beside_the_first_does_not_count() -> None:
    state = AppState(owner="local")
    with one_click(state, "export") as first, one_click(state, "export") as second:
        assert (first, second) == (True, False)


def test_a_click_long_after_another_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.session.double_clicks._DOUBLE_CLICK_S", 0.0)
    state = AppState(owner="local")
    assert [click(state), click(state)] == [True, True]
