"""Captioning a whole folder, in Chromium: the run outlives clicks, refreshes, closed tabs and the server."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.conftest import SCREENSHOTS, Dashboard, choose_server, serve
from tests.doubles.provider_server import ProviderServer, Reply

pytestmark = pytest.mark.slow

Until = Callable[[Callable[[], bool]], None]

COUNT = 30
CANARY = "sk-typed-key-canary"


def fill(folder: Path) -> Path:
    for number in range(COUNT):
        Image.new("RGB", (160, 120), (8 * number, 120, 200)).save(folder / f"photo_{number:02d}.jpg")
    return folder


@pytest.fixture
def photos(dashboard: Dashboard) -> Path:
    return fill(dashboard.photos)


def captions(folder: Path) -> list[str]:
    return [text for file in sorted(folder.glob("*.txt")) if (text := file.read_text())]


def open_bulk_ops(page: Any, url: str, folder: Path, service: str) -> None:
    """The tab of a generation for all, with the model server of the test chosen."""
    page.goto(f"{url}/bulk_ops?folder={folder}")
    choose_server(page, service)
    page.get_by_label("API key").fill(CANARY)
    page.get_by_label("API key").press("Enter")


def button(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=name)


def test_a_run_is_found_again_stopped_and_taken_up(page: Any, dashboard: Dashboard, photos: Path, until: Until) -> None:
    with ProviderServer(delay=0.4) as server:
        open_bulk_ops(page, dashboard.url, photos, server.url)
        button(page, "Try 3 images").click()
        page.get_by_text("Nothing of this try was saved").wait_for()
        assert captions(photos) == []
        page.screenshot(path=SCREENSHOTS / "run-tried.png", full_page=True)
        page.get_by_label("Images at a time").fill("2")
        page.get_by_label("Images at a time").press("Tab")
        button(page, f"Generate for {COUNT} images").dblclick()
        page.get_by_text(f"Captioning {COUNT} images").wait_for()
        page.get_by_role("link", name="Tagging").click()
        page.get_by_text("Showing 1 of").wait_for()
        page.get_by_text(f"Captioning {COUNT} images").wait_for()
        page.reload()
        page.get_by_text("Showing 1 of").wait_for()
        page.get_by_text(f"of {COUNT} ·").first.wait_for()
        page.screenshot(path=SCREENSHOTS / "run-active.png")
        button(page, "Cancel").click()
        button(page, "Resume").wait_for()
        done = len(captions(photos))
        assert 0 < done < COUNT
        page.screenshot(path=SCREENSHOTS / "run-stopped.png")
        button(page, "Resume").click()
        button(page, "Pause").click()
        button(page, "Resume").click()
        until(lambda: len(captions(photos)) == COUNT)
        page.get_by_text(f"Done · {COUNT} captioned").wait_for()
        page.get_by_text(f"{COUNT} of {COUNT} tagged").wait_for()
        page.screenshot(path=SCREENSHOTS / "run-done.png")
        asked = sum(received.method == "POST" for received in server.requests)
        assert asked == COUNT + 3
        button(page, "Dismiss").click()
        page.get_by_text("Done ·").wait_for(state="detached")


def test_a_closed_tab_leaves_the_run_to_end_well(
    page: Any, dashboard: Dashboard, photos: Path, until: Until, browser: Any
) -> None:
    with ProviderServer(delay=0.2) as server:
        other = browser.new_context()
        tab = other.new_page()
        open_bulk_ops(tab, dashboard.url, photos, server.url)
        button(tab, f"Generate for {COUNT} images").click()
        tab.get_by_text(f"Captioning {COUNT} images").wait_for()
        other.close()
        until(lambda: len(captions(photos)) == COUNT)
        page.goto(dashboard.url)
        page.get_by_text(f"Done · {COUNT} captioned").wait_for()


def test_only_what_failed_is_tried_again_and_a_refused_key_ends_the_run(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    with ProviderServer(delay=0.05) as server:
        open_bulk_ops(page, dashboard.url, photos, server.url)
        server.enqueue(*[Reply.caption("fine")] * 3, Reply.json({"error": "too odd"}, 400))
        button(page, f"Generate for {COUNT} images").click()
        page.get_by_text(f"Done · {COUNT - 1} captioned").wait_for()
        page.get_by_text("1 failed").first.click()
        page.screenshot(path=SCREENSHOTS / "run-failed-one.png")
        server.enqueue(Reply.json({"error": "no"}, 401))
        button(page, "Retry 1 failed").click()
        page.get_by_text("Stopped early").wait_for()
        page.screenshot(path=SCREENSHOTS / "run-refused.png")
        button(page, "Resume").click()
        until(lambda: len(captions(photos)) == COUNT)


def test_a_run_goes_on_after_the_server_was_killed_and_its_key_is_asked_for_again(
    page: Any, tmp_path: Path, until: Until
) -> None:
    home, photos = tmp_path / "toolkit", tmp_path / "photos"
    home.mkdir()
    photos.mkdir()
    fill(photos)
    with ProviderServer(delay=0.3) as service:
        with serve(home, photos) as first:
            open_bulk_ops(page, first.url, photos, service.url)
            button(page, f"Generate for {COUNT} images").click()
            until(lambda: len(captions(photos)) > 4)
            first.process.send_signal(signal.SIGKILL)
            first.process.wait()
        written = len(captions(photos))
        assert written < COUNT
        with serve(home, photos) as second:
            page.goto(second.url)
            page.get_by_text("Cut short when the server stopped").wait_for()
            page.screenshot(path=SCREENSHOTS / "run-interrupted.png")
            page.get_by_label("API key").fill(CANARY)
            button(page, "Resume").click()
            until(lambda: len(captions(photos)) == COUNT)
            page.get_by_text(f"Done · {COUNT} captioned").wait_for()
        last = [received for received in service.requests if received.method == "POST"][-1]
        assert last.header("Authorization") == f"Bearer {CANARY}"
    kept = [path for path in home.rglob("*") if path.is_file()]
    assert not [path for path in kept if CANARY.encode() in path.read_bytes()]
