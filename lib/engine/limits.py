"""One pace for a whole job: whoever holds the limiters answers questions, and workers ask them from afar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lib.providers.http import named_limiter, sleep_until_turn

MARGIN_S = 5.0
"""A minute is so much longer: requests of several machines, some of them busy, do not all take as long to arrive."""

LimitQuestion = tuple[str, int, str, Any]
"""The limiter's name, the requests a minute, and what is asked: reserve, pause or paused, with its argument."""


def answer(question: LimitQuestion, *, is_restarted: bool = False) -> float | None:
    """What a limiter of this process says. One in the place of a lost one begins with its minute used up."""
    name, rpm, what, argument = question
    limiter = named_limiter(name, rpm, margin_s=MARGIN_S, is_full=is_restarted)
    if what == "reserve":
        return limiter.reserve(argument)
    if what == "pause":
        limiter.pause(argument)
        return None
    return limiter.paused()


class AskedLimiter:
    """A limiter that is elsewhere: `ask` takes what is asked and its argument."""

    def __init__(self, ask: Callable[[str, Any], Any]) -> None:
        self._ask = ask

    def reserve(self, at_most: float | None = None) -> float | None:
        found: float | None = self._ask("reserve", at_most)
        return found

    def paused(self) -> float:
        return float(self._ask("paused", None) or 0.0)

    def pause(self, seconds: float) -> None:
        self._ask("pause", seconds)

    def wait(self, at_most: float | None = None) -> bool:
        return sleep_until_turn(self, at_most)
