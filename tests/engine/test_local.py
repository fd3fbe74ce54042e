"""Parts in processes of this machine: what is killed is done again, what cannot be made is given up."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lib.engine import ENGINES, DataPart, EngineOptions
from lib.engine.local import LocalEngine
from lib.errors import InvalidInput
from tests.doubles.part_work import NotedWork, made, makers, parts


def never() -> bool:
    return False


def engine(workers: int = 2) -> LocalEngine:
    return LocalEngine(EngineOptions(workers))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def until(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.01)


def test_every_part_is_made_once_and_told_once(folder: Path) -> None:
    ends = list(engine().run(NotedWork(folder), parts(*"abcdefgh"), cancelled=never))
    assert sorted(end.number for end in ends) == list(range(8))
    assert made(folder) == dict.fromkeys(range(8), 1)
    assert os.getpid() not in makers(folder)


def test_two_processes_work_at_a_time(folder: Path) -> None:
    run = engine().run(NotedWork(folder), parts("wait", "wait"), cancelled=never)
    thread = threading.Thread(target=lambda: (until(lambda: len(made(folder)) == 2), (folder / "go").touch()))
    thread.start()
    assert len(list(run)) == 2
    thread.join()
    assert len(makers(folder)) == 2


def test_parts_are_drawn_as_workers_become_free(folder: Path) -> None:
    drawn = 0

    def endless() -> Iterator[DataPart]:
        nonlocal drawn
        while True:
            yield DataPart(drawn, ("a",))
            drawn += 1

    run = engine().run(NotedWork(folder), endless(), cancelled=never)
    for _ in range(10):
        next(run)
    run.close()
    assert drawn < 20


def test_a_killed_process_is_replaced_and_its_part_done_again(folder: Path) -> None:
    ends = list(engine().run(NotedWork(folder), parts("a", "once", "b", "once", "c"), cancelled=never))
    assert sorted(end.number for end in ends) == list(range(5))
    assert all(end.rows == 1 and not end.failed for end in ends)
    assert made(folder) == {0: 1, 1: 2, 2: 1, 3: 2, 4: 1}


@pytest.mark.parametrize(("name", "said"), [("die", "ended, 3 times"), ("fault", "It cannot be made.")])
def test_a_part_that_fails_three_times_is_given_up_with_the_reason(folder: Path, name: str, said: str) -> None:
    ends = {end.number: end for end in engine(1).run(NotedWork(folder), parts("a", name, "b"), cancelled=never)}
    assert made(folder) == {0: 1, 1: 3, 2: 1}
    assert ends[1].given_up
    assert said in ends[1].reason
    assert not ends[0].given_up


def test_what_every_part_would_meet_ends_the_job(folder: Path) -> None:
    ends = list(engine(1).run(NotedWork(folder), parts("a", "stop", *"bcdefgh"), cancelled=never))
    assert [end.ends_job for end in ends if end.ends_job] == ["The key is refused. Give another."]
    assert max(made(folder)) <= 2


def test_a_worker_that_cannot_begin_ends_the_job_with_its_sentence(folder: Path) -> None:
    ends = list(engine().run(NotedWork(folder, broken="model"), parts(*"abcd"), cancelled=never))
    assert {end.ends_job for end in ends} == {"There are no weights. Fetch them."}
    assert made(folder) == {}


def test_processes_that_die_before_they_are_ready_end_the_job(folder: Path) -> None:
    ends = list(engine(1).run(NotedWork(folder, broken="die"), parts(*"abcd"), cancelled=never))
    assert len(ends) == 1
    assert "before they are ready" in ends[0].ends_job


def test_a_cancel_ends_the_workers(folder: Path) -> None:
    cancelled = threading.Event()
    thread = threading.Thread(target=lambda: (until(lambda: made(folder)), cancelled.set()))
    thread.start()
    assert list(engine().run(NotedWork(folder), parts("wait", "wait", "a"), cancelled=cancelled.is_set)) == []
    thread.join()
    until(lambda: not any(_is_alive(pid) for pid in makers(folder)))


def test_closing_the_iterator_ends_the_workers_and_their_scratch_folders_go(folder: Path, monkeypatch) -> None:
    (folder / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder / "tmp"))
    run = engine().run(NotedWork(folder), parts("a", "wait", "b"), cancelled=never)
    next(run)
    assert len(list((folder / "tmp").iterdir())) == 2
    run.close()
    assert list((folder / "tmp").iterdir()) == []
    until(lambda: not any(_is_alive(pid) for pid in makers(folder)))


def test_one_pace_is_kept_by_all_workers(folder: Path) -> None:
    names = ["pause", *["turn"] * 6]
    start = time.time()
    assert len(list(engine(3).run(NotedWork(folder, rpm=600), parts(*names), cancelled=never))) == 7
    # The pause that one worker heard of is kept by the others, too.
    turns = [float(line) for line in (folder / "turns").read_text().split()]
    assert len(turns) == 6
    assert max(turns) - start > 0.9


def test_an_unknown_engine_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(InvalidInput, match="local, ray"):
        ENGINES.check("spark")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIG_DFL)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
