"""Work is known by a key of a type: the parts of a key never run into one another."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from app.session.jobs import JobKey, all_about, find, forget, forget_ended, kept_here, key_of, newest, start, start_anew
from lib import cache

HERE = JobKey("bulk apply", "ann", Path("/photos"))


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def keyed(detail: object) -> JobKey:
    return JobKey(HERE.kind, HERE.owner, HERE.place, detail)


def done(key: JobKey, result: object = None) -> None:
    assert start(key, "Work", lambda _: result).wait(10)


def test_the_newest_work_of_a_kind_and_place_is_found_whatever_its_detail() -> None:
    for number in (1, 2):
        done(keyed(number), number)
    done(JobKey(HERE.kind, "bob", HERE.place, 3))
    done(JobKey("bulk undo", HERE.owner, HERE.place, 4))
    done(JobKey(HERE.kind, HERE.owner, Path("/photos/sub"), 5))
    found = newest(HERE)
    assert found is not None
    assert found.result == 2
    assert [key_of(job).detail for job in all_about(HERE)] == [1, 2]


def test_a_folder_whose_name_looks_like_two_parts_of_a_key_is_no_other_folder() -> None:
    done(JobKey("bulk apply", "ann", Path("/photos\nsub"), "x"))
    assert newest(JobKey("bulk apply", "ann", Path("/photos"))) is None
    assert find(JobKey("bulk apply", "ann", Path("/photos"), "sub\nx")) is None


def test_a_second_start_joins_and_a_start_anew_takes_the_place() -> None:
    go = threading.Event()
    first = start(HERE, "Work", lambda _: go.wait(10))
    assert start(HERE, "Work", lambda _: None) is first
    second = start_anew(HERE, "Work", lambda _: "new", wait=10)
    assert second is not first
    assert first.is_cancelled()
    assert find(HERE) is second
    go.set()
    assert first.wait(10)


def test_what_runs_is_kept_when_what_has_ended_is_let_go() -> None:
    go = threading.Event()
    done(keyed("ended"))
    running = start(keyed("running"), "Work", lambda _: go.wait(10))
    forget_ended(HERE)
    assert all_about(HERE) == [running]
    assert not running.is_cancelled()
    go.set()
    assert running.wait(10)


def test_what_one_session_asked_for_is_kept_by_the_session_alone_once_it_has_ended() -> None:
    go = threading.Event()
    job = start(HERE, "Work", lambda _: go.wait(10))
    assert kept_here(job) is job
    assert find(HERE) is job
    go.set()
    assert job.wait(10)
    assert kept_here(job) is job
    assert find(HERE) is None
    assert not job.is_cancelled() or job.state == "done"


def test_what_nobody_waits_for_does_not_hold_up_what_somebody_does() -> None:
    go, unasked = threading.Event(), [JobKey("check", "server", "", number, unasked=True) for number in range(40)]
    waiting = [start(key, "Checking", lambda _: go.wait(10)) for key in unasked]
    assert start(HERE, "Work", lambda _: "done").wait(10)
    assert find(unasked[0]) is waiting[0]
    assert cache.job_runner().find("server", unasked[0]) is None
    for key in unasked:
        forget(key)
    go.set()
