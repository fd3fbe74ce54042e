"""What goes to and fro when a map is drawn: a map is a megabyte, so that it goes once, and what is beside it first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.conftest import Dashboard

pytestmark = pytest.mark.slow

Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def photos(dashboard: Dashboard) -> Path:
    for number in range(30):
        Image.new("RGB", (160, 120), (8 * number, 120, 200)).save(dashboard.photos / f"p{number:02d}.jpg")
        text = ("a cat on a sofa", "two dogs run", "a bus in a street")[number % 3]
        (dashboard.photos / f"p{number:02d}.txt").write_text(f"{text}, photo {number}")
    return dashboard.photos


def opened(tab: Any, dashboard: Dashboard, photos: Path) -> tuple[list[bytes], list[bytes]]:
    """Turn a tab to Clusters until its map is there; what was sent and what was received go on being noted."""
    sent, received = list[bytes](), list[bytes]()

    def listen(socket: Any) -> None:
        socket.on("framesent", lambda frame: sent.append(as_bytes(frame)))
        socket.on("framereceived", lambda frame: received.append(as_bytes(frame)))

    tab.on("websocket", listen)
    tab.goto(f"{dashboard.url}/clusters?folder={photos}")
    tab.get_by_text("in 8 clusters").wait_for()
    tab.frame_locator("iframe[title*=plotly_events]").last.locator(".scatterlayer .point").first.wait_for()
    return sent, received


def as_bytes(frame: str | bytes) -> bytes:
    return frame if isinstance(frame, bytes) else frame.encode()


def test_the_room_for_the_map_is_told_once_by_a_browser_and_not_by_each_tab(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    sent, _ = opened(page, dashboard, photos)
    until(lambda: any(b'"room"' in frame for frame in sent))
    page.wait_for_function("document.cookie.includes('toolkit-room-clusters.room=')")
    other = page.context.new_page()
    sent, _ = opened(other, dashboard, photos)
    other.get_by_role("group", name="Clusters", exact=True).get_by_role("button").first.click()
    other.get_by_role("group", name="Samples").locator("article").first.wait_for()
    assert not [frame for frame in sent if b'"room"' in frame]


def test_the_samples_of_a_cluster_come_before_the_map_that_dims_the_others(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    _, received = opened(page, dashboard, photos)
    rows = page.get_by_role("group", name="Clusters", exact=True).get_by_role("button")
    rows.first.hover()
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]').getAttribute('data-test-script-state') === 'notRunning'"
    )
    received.clear()
    rows.first.click()
    page.get_by_role("group", name="Samples").locator("article").first.wait_for()

    def first(word: bytes) -> int:
        return next((place for place, frame in enumerate(received) if word in frame), -1)

    until(lambda: first(b"plot_obj") >= 0)
    assert 0 <= first(b"data:image/jpeg;base64") < first(b"plot_obj")


def test_a_first_map_is_drawn_in_the_frame_that_stood_there_before_it_was_made(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    page.add_init_script(
        "window.framesMade = 0; new MutationObserver(changes => changes.forEach(one => one.addedNodes.forEach(node => {"
        " window.framesMade += node.querySelectorAll?.('iframe[title*=plotly_events]').length ?? 0; })))"
        ".observe(document, {childList: true, subtree: true});"
    )
    _, received = opened(page, dashboard, photos)
    figures = [frame for frame in received if b"plot_obj" in frame]
    assert rb"{\"data\": [], " in figures[0]
    # Once more where the browser had another room for it to tell.
    assert next(frame for frame in figures if b"a cat on a sofa" in frame)
    assert page.evaluate("window.framesMade") == 1
