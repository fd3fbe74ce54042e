"""The Jobs part of the Settings page: one's own work, and that of the command line for who sits at this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib import cache
from lib.jobs.runner import Job
from tests.doubles.dashboard import healthy, open_page, texts
from tests.doubles.image_folder import image_folder
from tests.doubles.part_run import Run, until
from tests.doubles.provider_server import ProviderServer
from tests.doubles.ray_cluster import Cluster


def jobs_page(key: str = "settings.part") -> AppTest:
    page = open_page(screen="settings")
    page.segmented_control(key=key).set_value("Jobs").run()
    assert healthy(page)
    return page


@pytest.mark.slow
def test_a_job_of_the_command_line_is_shown_while_it_runs_and_is_cancelled_from_the_page(tmp_path: Path) -> None:
    shown_and_cancelled(tmp_path, Run, "local")


@pytest.mark.ray
def test_so_is_a_job_on_a_cluster(tmp_path: Path) -> None:
    cluster = Cluster.start()
    try:
        shown_and_cancelled(tmp_path, cluster.run, "ray")
    finally:
        cluster.end()


def shown_and_cancelled(tmp_path: Path, start: Callable[[Path, Path, ProviderServer], Run], engine: str) -> None:
    photos, sink = image_folder(tmp_path / "photos", 40), tmp_path / "sink"
    with ProviderServer(delay=0.3) as server:
        run = start(photos, sink, server)
        until(lambda: any(one.done for one in cache.ledger().running()))
        page = jobs_page()
        (row,) = cache.ledger().running()
        assert f"caption of {photos} into {sink} ({engine}), by captioner, process {run.process.pid}" in texts(page)
        assert " of 40 · for " in texts(page)
        page.button(key=f"settings.cancel.{row.id}").click().run()
        ended = run.end()
    assert 0 < ended["done"] < 40
    assert "the same command goes on" in ended["error"]
    page.run()
    assert "Nothing goes on just now." in texts(page)


@pytest.fixture
def works() -> Iterator[list[Job]]:
    """Work of somebody and of somebody else, none of which ends by itself."""

    def work(job: Job) -> None:
        job.advance(7_000, 18_000)
        while not job.is_cancelled():
            threading.Event().wait(0.01)

    owners = ("visitor:mine", "visitor:other")
    jobs = [cache.job_runner().submit(owner, "a key", f"Work of {owner}", work) for owner in owners]
    yield jobs
    for job in jobs:
        job.cancel()
        assert job.wait(10)


@pytest.fixture
def visitor(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("app.session.owner", "app.session.state", "app.settings.work_panel"):
        monkeypatch.setattr(f"{module}.current_owner", lambda: "visitor:mine")
    monkeypatch.setattr("app.session.owner.is_from_this_machine", lambda: False)
    for module in ("app.session.owner", "app.settings.work_panel"):
        monkeypatch.setattr(f"{module}.is_admin", lambda: False)


def test_who_is_no_administrator_sees_and_cancels_work_of_his_own_alone(works: list[Job], visitor: None) -> None:
    page = jobs_page("settings.own_part")
    assert "Your jobs" in texts(page)
    assert "Work of visitor:mine" in texts(page)
    assert "Work of visitor:other" not in texts(page)
    # What is counted is images in one job, bytes or steps in another.
    assert "39% · for " in texts(page)
    assert r"Work of visitor\:mine … 39%" in texts(page)
    page.button(key=f"settings.cancel.{works[0].id}").click().run()
    assert works[0].wait(10)
    assert not works[1].is_cancelled()


def test_a_click_that_comes_from_somebody_else_cancels_nothing(
    works: list[Job], visitor: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = jobs_page("settings.own_part")
    monkeypatch.setattr("app.settings.work_panel.current_owner", lambda: "visitor:other")
    page.button(key=f"settings.cancel.{works[0].id}").click().run()
    assert not works[0].is_cancelled()
    assert "for administrators to stop" in texts(page)
