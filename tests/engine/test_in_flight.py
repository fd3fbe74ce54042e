"""The books of a cluster's driver: two parts a worker at most, and what a death or a failure costs."""

from __future__ import annotations

from lib.engine.base import TRIES, DataPart, PartDone
from lib.engine.in_flight import InFlight, Task


class Sent:
    """Parts to be handed out, and what was sent to whom."""

    def __init__(self, parts: int) -> None:
        self._waiting = [DataPart(number, (f"{number}.jpg",)) for number in range(parts)]
        self.drawn = 0
        self.flight = InFlight(self._next)
        self.tasks: list[tuple[int, int, str]] = []

    def _next(self) -> DataPart | None:
        self.drawn += 1
        return self._waiting.pop(0) if self._waiting else None

    def hand_out(self, *workers: int) -> None:
        self.flight.hand_out(list(workers), self._send)

    def _send(self, worker: int, task: Task) -> int:
        part, reason = task
        self.tasks.append((worker, part.number, reason))
        return len(self.tasks) - 1

    def lands(self, ref: int, **end: str) -> list[PartDone]:
        return list(self.flight.landed(ref, PartDone(self.tasks[ref][1], **end)))  # type: ignore[arg-type]


def test_each_worker_has_two_parts_at_most_and_everybody_one_before_anybody_two() -> None:
    sent = Sent(100)
    sent.hand_out(0, 1, 2)
    assert [worker for worker, *_ in sent.tasks] == [0, 1, 2, 0, 1, 2]
    sent.hand_out(0, 1, 2)
    assert (len(sent.tasks), sent.drawn) == (6, 6)
    assert [done.number for done in sent.lands(1)] == [1]
    sent.hand_out(0, 1, 2)
    assert sent.tasks[6:] == [(1, 6, "")]


def test_a_death_counts_for_the_part_that_was_begun_and_not_for_the_one_behind_it() -> None:
    sent = Sent(2)
    for _ in range(TRIES - 1):
        sent.hand_out(0)
        assert list(sent.flight.died(0)) == []
    # Only what was begun is nearer to being given up: the part behind it is handed out first, and as it was.
    sent.hand_out(0)
    assert all(reason == "" for _, _, reason in sent.tasks)
    assert not sent.flight.is_over
    assert sorted(number for _, number, _ in sent.tasks[-2:]) == [0, 1]


def test_a_part_that_failed_three_times_is_given_up_with_its_reason_and_told_once() -> None:
    sent = Sent(1)
    for ref in range(TRIES):
        sent.hand_out(0)
        assert sent.lands(ref, reason="It cannot be made.") == []
    sent.hand_out(0)
    assert sent.tasks[-1] == (0, 0, "It cannot be made.")
    assert [done.number for done in sent.lands(TRIES, reason="It cannot be made.")] == [0]
    sent.hand_out(0)
    assert sent.flight.is_over


def test_what_can_neither_be_made_nor_given_up_ends_the_job() -> None:
    sent = Sent(1)
    for ref in range(TRIES):
        sent.hand_out(0)
        sent.lands(ref, reason="no")
    sent.hand_out(0)
    (end,) = sent.flight.died(0)
    assert "neither be made nor given up" in end.ends_job


def test_after_what_every_part_would_meet_no_other_one_is_handed_out() -> None:
    sent = Sent(10)
    sent.hand_out(0)
    assert [done.ends_job for done in sent.lands(0, ends_job="The key is refused.")] == ["The key is refused."]
    sent.hand_out(0)
    assert len(sent.tasks) == 2
    sent.lands(1)
    assert sent.flight.is_over
