"""What can be done without a mouse: from the start page to a saved caption, by keywords, and within a cluster."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lib.dataset.sample.folder import make_sample
from tests.browser.conftest import Dashboard
from tests.browser.rest import at_rest

Until = Callable[[Callable[[], bool]], None]

_FOCUSED = (
    "() => { let at = document.activeElement; while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;"
    " const said = at?.matches('button, a') ? at.innerText : '';"
    " return [at?.getAttribute('aria-label') ?? '', said, at?.id ?? ''].join(' '); }"
)
"""What has the focus, by its label, its words where it is a button, its id. (Whatever scrolls can have it, too.)"""
_STOPS = 120
"""Steps of Tab after which one has been everywhere."""


def tab_to(page: Any, wanted: str) -> None:
    """Press Tab until something of that name has the focus."""
    for _ in range(_STOPS):
        page.keyboard.press("Tab")
        if wanted in page.evaluate(_FOCUSED):
            return
    raise AssertionError(f"Tab does not lead to {wanted}")


def test_from_the_start_page_to_a_saved_caption_and_the_next_image(
    page: Any, dashboard: Dashboard, until: Until
) -> None:
    make_sample(dashboard.photos, 6)
    page.goto(dashboard.url)
    page.get_by_text("6 images").first.wait_for()
    at_rest(page)
    tab_to(page, "Select")
    page.keyboard.press("Enter")
    page.get_by_text("Showing 1 of 6").wait_for()
    # The box hears the keys of the page.
    page.locator("#tag-text").wait_for()
    at_rest(page)
    page.keyboard.press("ArrowRight")
    page.get_by_text("Showing 2 of 6").wait_for()
    name = page.locator(".toolkit-name").inner_text().split()[0]
    tab_to(page, "tag-text")
    page.keyboard.press("Control+a")
    page.keyboard.type("written without a mouse")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Showing 3 of 6").wait_for()
    until(lambda: (dashboard.photos / name).with_suffix(".txt").read_text() == "written without a mouse")


@pytest.mark.slow
def test_samples_are_found_by_keywords_and_one_is_edited(page: Any, dashboard: Dashboard, until: Until) -> None:
    folder = make_sample(dashboard.photos / "sample", 30)
    page.goto(f"{dashboard.url}/keyword_filter?folder={folder}")
    page.get_by_role("group", name="Samples").locator("img").first.wait_for()
    at_rest(page)
    tab_to(page, "Keywords")
    page.keyboard.type("balloon")
    page.get_by_role("group", name="Samples").locator("mark").first.wait_for()
    at_rest(page)
    tab_to(page, "Open ")
    edit(page, folder, until)


@pytest.mark.slow
def test_a_cluster_is_opened_and_a_sample_in_it_is_edited(page: Any, dashboard: Dashboard, until: Until) -> None:
    folder = make_sample(dashboard.photos / "sample", 30)
    page.goto(f"{dashboard.url}/clusters?folder={folder}")
    first = page.get_by_role("group", name="Clusters", exact=True).get_by_role("button").first
    first.wait_for(timeout=60_000)
    page.get_by_text("Arranging the map").wait_for(state="detached")
    at_rest(page)
    words = first.inner_text().split("\n")[1]
    tab_to(page, words)
    page.keyboard.press("Enter")
    page.get_by_role("group", name="Samples").locator("img").first.wait_for()
    at_rest(page)
    tab_to(page, "Open ")
    edit(page, folder, until)


def edit(page: Any, folder: Path, until: Until) -> None:
    """Open the sample that has the focus, write its caption anew, and save it."""
    name = page.evaluate(_FOCUSED).split("\n")[0].removeprefix("Open ").split()[0]
    page.keyboard.press("Enter")
    page.locator(".toolkit-name", has_text=name).wait_for()
    at_rest(page)
    tab_to(page, "tag-text")
    page.keyboard.press("Control+a")
    page.keyboard.type("written without a mouse")
    page.keyboard.press("Control+s")
    until(lambda: (folder / name).with_suffix(".txt").read_text() == "written without a mouse")
