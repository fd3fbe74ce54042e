"""The rate is that of the last minute."""

from __future__ import annotations

import pytest

from lib.jobs.pace import Pace


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_nothing_is_told_before_two_reports() -> None:
    pace = Pace(Clock())
    assert pace.rate == 0.0
    assert pace.seconds_left(10) is None
    pace.note(3)
    assert pace.rate == 0.0


def test_what_was_done_before_the_first_report_does_not_count() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.note(5_000)
    clock.now += 10
    pace.note(5_020)
    assert pace.rate == pytest.approx(2.0)
    assert pace.seconds_left(100) == pytest.approx(50.0)


def test_a_fast_start_is_forgotten_after_a_minute() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.note(0)
    done = 6_000
    for _ in range(100):
        clock.now += 1
        done += 1
        pace.note(done)
    assert pace.rate == pytest.approx(1.0, rel=0.05)


def test_the_rate_falls_while_nothing_comes() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.note(0)
    clock.now += 1
    pace.note(10)
    clock.now += 99
    assert pace.rate == pytest.approx(0.1)
