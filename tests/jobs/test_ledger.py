"""The ledger knows what is left to do, whose it is, and whether somebody is at it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lib.errors import InvalidInput, WriteFailed
from lib.jobs.holder import held_by
from lib.jobs.ledger import Ledger, NewRun, Settled


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(tmp_path / "runs.sqlite")
    made.begin(NewRun("r", "ann", "captions", "Captioning", {"model": "m"}, ["c", "a", "b"]))
    return made


def test_nobody_leaves_a_file_by_looking(tmp_path: Path) -> None:
    assert Ledger(tmp_path / "runs.sqlite").of("ann") == []
    assert list(tmp_path.iterdir()) == []


def test_items_wait_in_their_order_until_they_are_settled(ledger: Ledger) -> None:
    ledger.settle("r", [Settled("a", "done"), Settled("c", "failed", "It is cut off.")])
    assert ledger.waiting("r") == ["b"]
    assert ledger.failures("r") == [("c", "It is cut off.")]
    run = ledger.find("r", "ann")
    assert run is not None
    assert (run.waiting, run.done, run.skipped, run.failed, run.total) == (1, 1, 0, 1, 3)
    assert dict(run.spec) == {"model": "m"}


def test_only_what_failed_is_done_again(ledger: Ledger) -> None:
    ledger.settle("r", [Settled("a", "done"), Settled("b", "skipped"), Settled("c", "failed", "why")])
    ledger.again("r")
    assert ledger.waiting("r") == ["c"]
    run = ledger.find("r", "ann")
    assert run is not None
    assert (run.waiting, run.done, run.skipped, run.failed) == (1, 1, 1, 0)


def test_a_run_is_seen_and_dropped_by_its_owner_alone(ledger: Ledger) -> None:
    assert ledger.of("bob") == []
    assert ledger.find("r", "bob") is None
    ledger.forget("r", "bob")
    assert len(ledger.of("ann")) == 1
    ledger.forget("r", "ann")
    assert ledger.of("ann") == []
    assert ledger.waiting("r") == []


def test_another_ledger_on_the_file_knows_it_all(ledger: Ledger, tmp_path: Path) -> None:
    ledger.settle("r", [Settled("a", "done")])
    ledger.mark("r", "paused", "why")
    run = Ledger(tmp_path / "runs.sqlite").find("r", "ann")
    assert run is not None
    assert (run.state, run.reason, run.waiting) == ("paused", "why", 2)


def test_two_never_work_at_one_run(ledger: Ledger) -> None:
    with ledger.held("r"):
        assert ledger.is_held("r")
        with pytest.raises(InvalidInput, match="under way"), ledger.held("r"):
            pass
    assert not ledger.is_held("r")


def test_whoever_dies_lets_go(ledger: Ledger, tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from lib.jobs.ledger import Ledger\n"
        "with Ledger(Path(sys.argv[1])).held('r'):\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "runs.sqlite")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert ledger.is_held("r")
        other.kill()
        other.wait()
    assert not ledger.is_held("r")


def test_a_ledger_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "runs.sqlite").mkdir()
    with pytest.raises(WriteFailed, match="left to do"):
        Ledger(tmp_path / "runs.sqlite").begin(NewRun("r", "ann", "captions", "Captioning", {}, ["a"]))


def test_a_run_that_nobody_came_back_for_expires_but_not_one_under_way(ledger: Ledger) -> None:
    ledger.expire(days=1)
    assert len(ledger.of("ann")) == 1
    with ledger.held("r"):
        ledger.expire(days=-1)
        assert len(ledger.of("ann")) == 1
    ledger.expire(days=-1)
    assert ledger.of("ann") == []


def test_a_run_that_is_dropped_leaves_no_lock_file(ledger: Ledger, tmp_path: Path) -> None:
    with ledger.held("r"):
        pass
    ledger.forget("r", "ann")
    assert [path for path in tmp_path.rglob("*.lock") if path.is_file()] == []


def test_since_when_a_run_is_worked_at_is_told_on_the_clock_of_whoever_asks(ledger: Ledger) -> None:
    assert held_by(ledger.of("ann")[0]) == "another process"
    ledger.take_up("r", "captioner")
    (run,) = ledger.of("ann")
    run = replace(run, since="2026-11-28T16:45:00+00:00")
    assert held_by(run, ZoneInfo("Asia/Tokyo")) == f"captioner, process {os.getpid()}, since 2026-11-29 01:45 JST"
    # Of a ledger that an earlier version wrote: its words are told as they are.
    assert held_by(replace(run, holder="captioner, since 10:31", since="")) == "captioner, since 10:31"
