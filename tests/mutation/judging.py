"""Is a mutant noticed? Its room's tests are asked first, the quickest first, and then the rest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.mutation.copies import Copy
from tests.mutation.mutants import Mutant
from tests.mutation.reach import Reach, Test
from tests.mutation.rooms import Room

_LEAST_S = 20.0
_TIMES = 6
"""A test is given this many times as long as it took when it was traced, and at least so long beyond it."""
_QUICK_S = 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant: killed, timeout, survived or not reached; by which test, after asking which."""

    outcome: str
    test: str = ""
    asked: str = ""
    seconds: float = 0.0


def judge(mutant: Mutant, room: Room, reach: Reach, copy: Copy, browser: list[str]) -> Verdict:
    """Runs tests with the mutant in place until one fails twice. `browser` are the browser's test files, asked last."""
    began = time.monotonic()
    done: set[str] = set()
    with copy.broken(mutant):
        for asked, tests in _passes(mutant, room, reach):
            tests = [test for test in tests if test.id not in done]
            done.update(test.id for test in tests)
            if found := _first_to_fail(copy, _in_order(tests)):
                return Verdict(*found, asked, round(time.monotonic() - began, 1))
        if browser and (answer := copy.run(browser, browser=True, limit=600))["outcome"] != "passed":
            return Verdict("killed", answer["test"], "a browser's tests", round(time.monotonic() - began, 1))
    reached = reach.tests_for(mutant, reach.tests)
    return Verdict("survived" if reached else "not reached", seconds=round(time.monotonic() - began, 1))


def _passes(mutant: Mutant, room: Room, reach: Reach) -> Iterator[tuple[str, list[Test]]]:
    own = [file for file in reach.tests if room.owns(file)]
    rest = [file for file in reach.tests if not room.owns(file)]
    yield "the room's tests that reach it", reach.tests_for(mutant, own)
    yield "the other tests that reach it", reach.tests_for(mutant, rest)
    yield "all of the room's tests", reach.all_of(own)
    yield "the other tests that start processes", [test for test in reach.all_of(rest) if test.with_others]


def _in_order(tests: list[Test]) -> list[Test]:
    """Quick ones first, file by file so that what a file sets up is set up once; then the slow ones."""
    took: dict[str, float] = {}
    for test in tests:
        took[test.file] = took.get(test.file, 0.0) + test.seconds
    return sorted(tests, key=lambda t: (t.seconds > _QUICK_S, took[t.file], t.file, t.seconds))


def _first_to_fail(copy: Copy, tests: list[Test]) -> tuple[str, str] | None:
    """A test that fails once and then does not is not taken at its word: those after it are asked too."""
    while tests:
        outcome, name = _asked(copy, tests)
        if outcome == "passed":
            return None
        place = next((n for n, test in enumerate(tests) if test.id == name), -1)
        if place < 0:
            # They cannot even be imported, or are other tests now.
            return ("killed", "as its tests are imported") if _asked(copy, tests)[0] != "passed" else None
        again, _ = _asked(copy, [tests[place]])
        if again != "passed":
            return ("timeout" if again == "timeout" else "killed"), name
        tests = tests[place + 1 :]
    return None


def _asked(copy: Copy, tests: list[Test]) -> tuple[str, str]:
    files = list(dict.fromkeys(test.file for test in tests))
    answer = copy.run(files, [test.id for test in tests], [_LEAST_S + _TIMES * test.seconds for test in tests])
    return answer["outcome"], answer["test"]
