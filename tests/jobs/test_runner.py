"""Jobs outlive a click, belong to an owner, and never take the server down."""

from __future__ import annotations

import logging
import threading

import pytest

from lib.errors import ImageRefused, ToolkitError
from lib.jobs.runner import Job, JobRunner


@pytest.fixture
def runner() -> JobRunner:
    return JobRunner(workers=2)


def test_a_job_reports_progress_and_its_result_is_found_again(runner: JobRunner) -> None:
    def work(job: Job) -> str:
        job.advance(3, 4)
        return "a cat"

    assert runner.submit("ann", "k", "Captioning", work).wait(5)
    found = runner.find("ann", "k")
    assert found is not None
    assert (found.state, found.done, found.total, found.result) == ("done", 3, 4, "a cat")
    assert runner.find("bob", "k") is None
    assert [job.key for job in runner.of("ann")] == ["k"]


def test_a_second_click_attaches_to_the_running_job(runner: JobRunner) -> None:
    go, runs = threading.Event(), []

    def work(job: Job) -> None:
        runs.append(job.id)
        assert go.wait(5)

    first = runner.submit("ann", "k", "Work", work)
    second = runner.submit("ann", "k", "Work", work)
    go.set()
    assert first is second
    assert first.wait(5)
    assert len(runs) == 1
    third = runner.submit("ann", "k", "Work", work)
    assert third is not first
    assert third.wait(5)


def test_a_job_that_was_asked_to_stop_is_not_joined(runner: JobRunner) -> None:
    go = threading.Event()

    def work(job: Job) -> None:
        assert go.wait(5)
        job.raise_if_cancelled()

    first = runner.submit("ann", "k", "Work", work)
    first.cancel()
    second = runner.submit("ann", "k", "Work", work)
    go.set()
    assert second is not first
    assert second.wait(5)
    assert second.state == "done"


def endless_job(runner: JobRunner) -> Job:
    """A job that has begun, and goes on until it is cancelled."""
    begun = threading.Event()

    def work(job: Job) -> None:
        begun.set()
        while True:
            job.raise_if_cancelled()

    job = runner.submit("ann", "k", "Work", work)
    assert begun.wait(5)
    return job


def test_cancel_ends_a_job_at_its_next_item(runner: JobRunner) -> None:
    job = endless_job(runner)
    job.cancel()
    assert job.wait(5)
    assert job.state == "cancelled"


def test_a_known_failure_is_kept_as_it_is(runner: JobRunner) -> None:
    def work(job: Job) -> None:
        raise ImageRefused("a.jpg is cut off.", "Replace it.")

    job = runner.submit("ann", "k", "Work", work)
    assert job.wait(5)
    assert job.state == "failed"
    assert isinstance(job.error, ImageRefused)


def test_a_bug_shows_an_id_and_keeps_its_traceback_in_the_log(
    runner: JobRunner, caplog: pytest.LogCaptureFixture
) -> None:
    def work(job: Job) -> None:
        raise KeyError("secret detail")

    with caplog.at_level(logging.ERROR):
        job = runner.submit("ann", "k", "Work", work)
        assert job.wait(5)
    assert isinstance(job.error, ToolkitError)
    assert "secret detail" not in str(job.error)
    incident = job.error.hint.split("Error id ")[1][:8]
    assert incident in caplog.text
    assert "secret detail" in caplog.text
    assert runner.submit("ann", "next", "Work", lambda job: 1).wait(5)


def test_a_forgotten_job_is_stopped_and_gone(runner: JobRunner) -> None:
    job = endless_job(runner)
    runner.forget("ann", "k")
    assert job.wait(5)
    assert runner.find("ann", "k") is None


def test_a_job_that_can_be_taken_up_again_pauses(runner: JobRunner) -> None:
    done: list[int] = []
    go = threading.Event()

    def work(job: Job) -> int:
        while len(done) < 3:
            job.raise_if_cancelled()
            done.append(len(done))
            job.pause()
        assert go.is_set()
        return len(done)

    job = runner.submit("ann", "k", "Work", work, run_id="r")
    assert job.wait(5)
    assert (job.state, job.error, done) == ("paused", None, [0])
    while job.state == "paused":
        go.set()
        job = runner.submit(job.owner, job.key, job.title, job.work, run_id=job.id)
        assert job.wait(5)
    assert (job.state, job.result) == ("done", 3)


def test_a_job_that_cannot_be_taken_up_again_does_not_pause(runner: JobRunner) -> None:
    job = runner.submit("ann", "k", "Work", lambda job: (job.pause(), job.raise_if_cancelled(), "whole")[-1])
    assert job.wait(5)
    assert (job.state, job.result) == ("done", "whole")


def test_of_ended_jobs_only_the_latest_are_kept_and_those_at_work_all(
    runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.jobs.runner._KEPT", 3)
    go_on = threading.Event()
    long = runner.submit("ann", "long", "Waiting", lambda job: go_on.wait(60))
    for number in range(6):
        assert runner.submit("ann", str(number), "Counting", lambda job: None).wait(60)
    kept = [job.key for job in runner.of("ann")]
    go_on.set()
    assert long.wait(60)
    assert kept == ["long", "4", "5"]
