"""Is a mutant noticed? Its room's tests are asked first, the quickest first, and then the rest."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from tests.mutation.copies import Copy
from tests.mutation.mutants import Mutant
from tests.mutation.reach import Reach, Test
from tests.mutation.rooms import Room

_LEAST_S = 20.0
_TIMES = 6
"""A test is given this many times as long as it took when it was traced, and at least so long beyond it."""
_QUICK_S, _SLOW_S = 1.0, 5.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant: killed, timeout, survived or not reached; by which test, after asking which."""

    outcome: str
    test: str = ""
    asked: str = ""
    seconds: float = 0.0


def judge(
    mutant: Mutant, room: Room, reach: Reach, copy: Copy, browser: Sequence[str] = (), *, quick: bool = False
) -> Verdict:
    """Runs tests with the mutant in place until one fails because of it; the files of `browser` come last.

    `quick`: only the room's own tests that are seen to reach it.
    """
    began, done = time.monotonic(), set[str]()

    def verdict(outcome: str, test: str = "", asked: str = "") -> Verdict:
        return Verdict(outcome, test, asked, round(time.monotonic() - began, 1))

    for asked, tests in islice(_passes(mutant, room, reach), 1 if quick else None):
        tests = [test for test in tests if test.id not in done]
        done.update(test.id for test in tests)
        if found := _first_to_fail(copy, mutant, _in_order(tests)):
            return verdict(*found, asked)
    if browser:
        with copy.broken(mutant):
            answer = copy.run(browser, browser=True, limit=600)
        if answer["outcome"] != "passed":
            return verdict("killed", answer["test"], "a browser's tests")
    return verdict("survived" if reach.tests_for(mutant, reach.tests) else "not reached")


def _passes(mutant: Mutant, room: Room, reach: Reach) -> Iterator[tuple[str, list[Test]]]:
    own = [file for file in reach.tests if room.owns(file)]
    rest = [file for file in reach.tests if not room.owns(file)]
    ours, others = reach.tests_for(mutant, own), reach.tests_for(mutant, rest)
    yield "the room's tests that reach it", ours
    yield "the other tests that reach it", others
    reached = bool(ours or others)
    # What other processes reach nobody sees; where no test is seen to reach it at all, the room's are all asked.
    yield "all of the room's tests", [test for test in reach.all_of(own) if test.with_others or not reached]
    yield "the other tests that start processes", [test for test in reach.all_of(rest) if test.with_others]


def _in_order(tests: list[Test]) -> list[Test]:
    """Quick ones first, file by file so that what a file sets up is set up once; then the slow ones."""
    took: dict[str, float] = {}
    for test in tests:
        took[test.file] = took.get(test.file, 0.0) + test.seconds
    return sorted(tests, key=lambda t: (t.seconds > _QUICK_S, took[t.file], t.file, t.seconds))


def _first_to_fail(copy: Copy, mutant: Mutant, tests: list[Test]) -> tuple[str, str] | None:
    """The outcome and the test. One that does not fail twice, or fails without the mutant too, is not believed."""
    while tests:
        with copy.broken(mutant):
            outcome, name = _asked(copy, tests)
            if outcome == "passed":
                return None
            place = next((n for n, test in enumerate(tests) if test.id == name), -1)
            # Where no test is named they cannot even be imported, or are other tests now.
            suspects = [tests[place]] if place >= 0 else tests
            again = _asked(copy, suspects)[0]
        if again != "passed" and _pass_without(copy, suspects, named=place >= 0):
            return ("timeout" if again == "timeout" else "killed"), name or "as its tests are imported"
        tests = tests[place + 1 :] if place >= 0 else []
    return None


def _pass_without(copy: Copy, tests: list[Test], *, named: bool) -> bool:
    """Whether it is the mutant's doing: asked of all that may fail without one, with none in the copy."""
    if not named:
        # Whether they can be imported is the question; all of them would take minutes.
        return _asked(copy, tests, only_import=True)[0] == "passed"
    # Slow ones, and those that wait for other processes, also fail where the machine has too much to do.
    doubtful = any(test.with_others or test.seconds > _SLOW_S for test in tests)
    return not doubtful or _asked(copy, tests)[0] == "passed"


def _asked(copy: Copy, tests: list[Test], *, only_import: bool = False) -> tuple[str, str]:
    files = list(dict.fromkeys(test.file for test in tests))
    limits = [_LEAST_S + _TIMES * test.seconds for test in tests]
    answer = copy.run(files, [test.id for test in tests], limits, only_import=only_import)
    return answer["outcome"], answer["test"]
