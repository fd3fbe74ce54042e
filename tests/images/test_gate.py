"""Large pictures come in one after another, as many as there is memory for, whoever asks."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

import pytest

from lib.images import gate, telling
from lib.images.gate import ByteGate


def _wait_for(condition: Callable[[], bool]) -> None:
    tick = threading.Event()
    while not condition():
        tick.wait(0.002)


def _asking(gate: ByteGate, size: int, order: list[int], number: int) -> threading.Thread:
    def ask() -> None:
        with gate.admitted(size):
            order.append(number)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def test_never_more_bytes_are_taken_than_there_are_and_all_come_in() -> None:
    gate, lock = ByteGate(lambda: 100), threading.Lock()
    taken, most, seen = [0], [0], []

    def work(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(200):
            size = chance.randint(1, 100)
            with gate.admitted(size):
                with lock:
                    taken[0] += size
                    most[0] = max(most[0], taken[0])
                    seen.append(size)
                with lock:
                    taken[0] -= size

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 1_600
    assert most[0] <= 100
    assert (gate.held, gate.waiting) == (0, 0)


def test_a_large_picture_is_not_overtaken_by_small_ones() -> None:
    gate, order = ByteGate(lambda: 100), list[int]()
    with gate.admitted(60):
        threads = [_asking(gate, 90, order, 0)]
        _wait_for(lambda: gate.waiting == 1)
        # There is room for it, but not its turn.
        threads.append(_asking(gate, 40, order, 1))
        _wait_for(lambda: gate.waiting == 2)
        assert order == []
    for thread in threads:
        thread.join()
    assert order == [0, 1]


def test_who_asks_for_one_picture_comes_before_the_rest_of_who_asks_for_many() -> None:
    gate, order = ByteGate(lambda: 100), list[str]()

    def ask(visitor: str, size: int) -> None:
        with telling(lambda seconds: None, visitor), gate.admitted(size):
            order.append(visitor)

    threads = []
    with telling(lambda seconds: None, "many"), gate.admitted(90):
        for number, visitor in enumerate(["many", "many", "many", "one", "many", "other"]):
            threads.append(threading.Thread(target=ask, args=(visitor, 90)))
            threads[-1].start()
            _wait_for(lambda count=number + 1: gate.waiting == count)
    for thread in threads:
        thread.join()
    assert order == ["one", "other", "many", "many", "many", "many"]
    assert (gate.held, gate.waiting) == (0, 0)


def test_what_is_larger_than_all_there_is_comes_in_alone() -> None:
    gate = ByteGate(lambda: 100)
    with gate.admitted(1_000):
        assert gate.held == 100
    assert gate.held == 0


def test_who_is_inside_does_not_wait_for_themselves() -> None:
    gate = ByteGate(lambda: 100)
    with gate.admitted(100), gate.admitted(100):
        assert gate.held == 100
    assert gate.held == 0


class _WentAwayError(BaseException):
    pass


def test_a_visitor_who_goes_away_leaves_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_TOLD_EACH_S", 0.01)
    line, order, waited, left = ByteGate(lambda: 100), list[int](), list[float](), threading.Event()

    def told(seconds: float) -> None:
        waited.append(seconds)
        if line.waiting == 2:
            raise _WentAwayError

    def visit() -> None:
        with telling(told):
            try:
                with line.admitted(100):
                    order.append(0)
            except _WentAwayError:
                left.set()

    with line.admitted(60):
        visitor = threading.Thread(target=visit)
        visitor.start()
        _wait_for(lambda: bool(waited))
        behind = _asking(line, 40, order, 1)
        assert left.wait(10)
        # Nobody else has to leave for the one behind to come in.
        behind.join(10)
        assert order == [1]
    visitor.join()
    assert (line.held, line.waiting) == (0, 0)
