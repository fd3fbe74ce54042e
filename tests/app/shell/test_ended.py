"""What has ended while one was on another page is told there, once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.session.jobs import JobKey, start
from lib.errors import WriteFailed
from lib.jobs.runner import Job
from tests.doubles.dashboard import healthy, open_page

Outcome = Callable[[Job], object]


def nothing(job: Job) -> None:
    pass


def fails(job: Job) -> None:
    raise WriteFailed("The disk is full.")


def some_failed(job: Job) -> None:
    job.failures += [("a.jpg", "no"), ("b.jpg", "no")]


def asks(job: Job) -> None:
    job.waits_for_a_choice = True


def toasts(page: AppTest) -> list[str]:
    return [toast.value for toast in page.toast]


def seen_until_it_ends(page: AppTest, kind: str, outcome: Outcome = nothing) -> list[str]:
    """What is told by a page that has seen work of a kind go on, when it runs after the end of it."""
    may_end = threading.Event()

    def work(job: Job) -> object:
        assert may_end.wait(20)
        return outcome(job)

    job = start(JobKey(kind, "local"), "Importing cats.zip", work)
    page.run()
    assert toasts(page) == []
    may_end.set()
    assert job.wait(20)
    page.run()
    assert healthy(page)
    return toasts(page)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (nothing, r"Done: Importing cats\.zip"),
        (fails, r"Stopped early: Importing cats\.zip"),
        (some_failed, r"Ended: Importing cats\.zip\. 2 failed"),
        (asks, r"Importing cats\.zip: something is to be chosen first"),
    ],
)
def test_the_end_of_an_import_is_told_on_another_page_once(photos: Path, outcome: Outcome, said: str) -> None:
    page = open_page(photos)
    assert [text.replace("\\:", ":") for text in seen_until_it_ends(page, "import", outcome)] == [said]
    page.run()
    assert toasts(page) == []


def test_its_own_page_shows_what_came_of_it_and_tells_nothing_more(photos: Path) -> None:
    assert seen_until_it_ends(open_page(photos, screen="bulk_ops"), "captions") == []


def test_what_nobody_has_seen_going_on_is_not_told(photos: Path) -> None:
    job = start(JobKey("import", "local"), "Importing cats.zip", nothing)
    assert job.wait(20)
    assert toasts(open_page(photos)) == []


def test_what_was_stopped_by_hand_is_not_told(photos: Path) -> None:
    assert seen_until_it_ends(open_page(photos), "import", lambda job: (job.cancel(), job.raise_if_cancelled())) == []
