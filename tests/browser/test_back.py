"""Back and Forward of the browser walk images, scopes and queries: a step for each place where one stayed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.conftest import Dashboard
from tests.browser.test_restarts import settled

pytestmark = pytest.mark.slow

Until = Callable[[Callable[[], bool]], None]

# The tab's own clock, which a test puts forward instead of waiting.
CLOCK = "window.skipped = 0; const now = Date.now.bind(Date); Date.now = () => now() + window.skipped;"


@pytest.fixture
def photos(dashboard: Dashboard) -> Path:
    for number in range(8):
        path = dashboard.photos / f"photo_{number:02d}.jpg"
        Image.new("RGB", (320, 240), (30 * number, 120, 200)).save(path)
        path.with_suffix(".txt").write_text(f"a dog {number}" if number % 2 else f"a cat {number}")
    return dashboard.photos


@pytest.fixture
def tab(page: Any) -> Any:
    page.add_init_script(CLOCK)
    return page


def stay(tab: Any) -> None:
    settled(tab)
    tab.evaluate("window.skipped += 10000")


def shown(tab: Any, number: int) -> None:
    tab.locator(".toolkit-name", has_text=f"photo_{number:02d}.jpg").wait_for()
    tab.wait_for_url(f"**image=photo_{number:02d}.jpg**")
    settled(tab)


def walk_on(tab: Any, number: int) -> None:
    tab.get_by_role("button", name="Next", exact=True).click()
    shown(tab, number)


def test_back_and_forward_walk_the_images_where_one_stayed(tab: Any, dashboard: Dashboard, photos: Path) -> None:
    tab.goto(f"{dashboard.url}/?folder={photos}")
    shown(tab, 0)
    stay(tab)
    for number in (1, 2, 3):
        walk_on(tab, number)
    stay(tab)
    walk_on(tab, 4)
    tab.go_back()
    shown(tab, 3)
    tab.go_back()
    shown(tab, 0)
    tab.go_forward()
    shown(tab, 3)
    # From there the walk goes on as ever.
    walk_on(tab, 4)


def test_back_leads_to_the_query_before_and_its_box_shows_it(
    tab: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    tab.goto(f"{dashboard.url}/keyword_filter?folder={photos}")
    tab.get_by_text("All 8 images").wait_for()
    # One stays where the address has come to rest, and it may come after the page.
    tab.wait_for_url("**image=**")
    stay(tab)
    box = tab.get_by_label("Keywords").first
    box.fill("dog")
    tab.get_by_text("matches dog · 4 of 8").wait_for()
    tab.wait_for_url("**q=dog**")
    stay(tab)
    box.fill("cat, dog")
    tab.get_by_text("· 8 of 8").wait_for()
    tab.wait_for_url("**q=cat**")
    tab.go_back()
    tab.get_by_text("matches dog · 4 of 8").wait_for()
    until(lambda: box.input_value() == "dog")
    tab.go_back()
    tab.get_by_text("All 8 images").wait_for()
    until(lambda: box.input_value() == "")
    assert "q=" not in tab.url


def test_back_leads_through_the_pages_with_what_they_showed(tab: Any, dashboard: Dashboard, photos: Path) -> None:
    tab.goto(f"{dashboard.url}/?folder={photos}")
    shown(tab, 0)
    stay(tab)
    walk_on(tab, 1)
    stay(tab)
    tab.get_by_role("link", name="Bulk Ops").click()
    tab.get_by_role("heading", name="Bulk Ops").wait_for()
    settled(tab)
    tab.go_back()
    shown(tab, 1)
    tab.go_back()
    shown(tab, 0)


def test_from_any_page_back_leads_to_the_start_page_and_forward_into_the_folder_again(
    tab: Any, dashboard: Dashboard, photos: Path
) -> None:
    tab.goto(f"{dashboard.url}/bulk_ops")
    tab.get_by_label("Directory on this server").fill(str(photos))
    tab.get_by_role("button", name="Select", exact=True).click()
    tab.get_by_text("All 8 images").first.wait_for()
    tab.wait_for_url("**folder=**")
    settled(tab)
    tab.go_back()
    tab.get_by_role("heading", name="Open a folder").wait_for()
    settled(tab)
    tab.go_forward()
    tab.get_by_text("All 8 images").first.wait_for()
