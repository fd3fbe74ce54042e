"""Stars and leaving out by keys, in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lib.dataset.journal.journal import Journal
from lib.dataset.saving.open_journal import journal_path
from lib.settings import settings
from tests.browser.conftest import SCREENSHOTS, Dashboard

pytestmark = pytest.mark.slow

Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def photos(dashboard: Dashboard) -> Path:
    """Six photos, three of whose captions hold marks of HTML."""
    for number in range(6):
        Image.effect_noise((160, 120), 30 + 5 * number).convert("RGB").save(dashboard.photos / f"p{number}.jpg")
        text = f"A {'<b>boat</b>' if number < 3 else 'boat'} number {number} lies on a quiet lake."
        (dashboard.photos / f"p{number}.txt").write_text(text)
    return dashboard.photos


def marks(dashboard: Dashboard) -> tuple[set[str], dict[str, int]]:
    """What the server has written down: the images that are left out, and stars."""
    kept = settings().model_copy(update={"home": dashboard.home})
    found = Journal(journal_path(dashboard.photos, kept)).marks.now()
    return set(found.left_out), dict(found.ratings)


def at(page: Any, number: int) -> None:
    page.get_by_text(f"Showing {number} of 6").wait_for()
    page.locator(".toolkit-name", has_text=f"p{number - 1}.jpg").wait_for()


def test_keys_mark_the_image_that_is_shown_and_no_other(
    dashboard: Dashboard, photos: Path, page: Any, until: Until
) -> None:
    page.goto(f"{dashboard.url}/?folder={photos}")
    at(page, 1)
    page.get_by_role("group", name="Marks").wait_for()
    page.keyboard.press("4")
    until(lambda: marks(dashboard)[1] == {"p0.jpg": 4})
    page.keyboard.press("ArrowRight")
    at(page, 2)
    until(lambda: page.locator(".stars .on").count() == 0)
    page.keyboard.press("2")
    until(lambda: marks(dashboard)[1] == {"p0.jpg": 4, "p1.jpg": 2})
    page.keyboard.press("x")
    page.get_by_role("button", name="1 left out").wait_for()
    assert marks(dashboard)[0] == {"p1.jpg"}
    page.keyboard.press("x")
    page.get_by_role("button", name="1 left out").wait_for(state="hidden")
    page.keyboard.press("2")
    until(lambda: marks(dashboard) == (set(), {"p0.jpg": 4}))


def test_no_key_marks_anything_while_somebody_types(
    dashboard: Dashboard, photos: Path, page: Any, until: Until
) -> None:
    page.goto(f"{dashboard.url}/?folder={photos}")
    at(page, 1)
    box = page.locator("textarea").last
    box.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" x 4 x5")
    page.keyboard.press("Control+s")
    until(lambda: (photos / "p0.txt").read_text().endswith(" x 4 x5"))
    assert marks(dashboard) == (set(), {})
    page.keyboard.press("Escape")
    page.keyboard.press("5")
    until(lambda: marks(dashboard)[1] == {"p0.jpg": 5})


def test_a_sample_beside_a_gallery_is_left_out_seen_by_the_link_and_kept_by_undo(
    dashboard: Dashboard, photos: Path, page: Any, until: Until
) -> None:
    page.goto(f"{dashboard.url}/keyword_filter?folder={photos}")
    page.get_by_role("button", name="Open p3.jpg").click()
    page.get_by_role("group", name="Marks").wait_for()
    page.locator(".toolkit-name", has_text="p3.jpg").wait_for()
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_text("or keep it again").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    page.keyboard.press("3")
    page.get_by_role("button", name="Open p3.jpg, 3 of 5 stars").wait_for()
    page.keyboard.press("x")
    page.get_by_role("button", name="1 left out").click()
    page.get_by_role("button", name="Open p3.jpg, 3 of 5 stars, left out").wait_for()
    page.screenshot(path=SCREENSHOTS / "marks-gallery.png")
    page.get_by_role("button", name="Undo").click()
    until(lambda: marks(dashboard) == (set(), {"p3.jpg": 3}))


def test_review_leaves_out_by_x_and_moves_no_file(dashboard: Dashboard, photos: Path, page: Any, until: Until) -> None:
    before = {path.name: path.read_bytes() for path in photos.iterdir()}
    page.goto(f"{dashboard.url}/review?folder={photos}")
    page.get_by_role("navigation", name="Findings").get_by_role("button", name="With marks of HTML").click()
    heading = page.locator(".toolkit-finding")
    heading.filter(has_text="1 of 3").wait_for()
    page.keyboard.press("5")
    until(lambda: marks(dashboard)[1] == {"p0.jpg": 5})
    page.keyboard.press("x")
    heading.filter(has_text="1 of 2").wait_for()
    until(lambda: marks(dashboard)[0] == {"p0.jpg"})
    page.screenshot(path=SCREENSHOTS / "marks-review.png")
    page.get_by_role("button", name="Undo").click()
    heading.filter(has_text="1 of 3").wait_for()
    assert marks(dashboard)[0] == set()
    assert {path.name: path.read_bytes() for path in photos.iterdir()} == before
