"""Completion of comma tags while one is typed, in Chromium."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.conftest import SCREENSHOTS, Dashboard
from tests.browser.test_tagging import Until, box

pytestmark = pytest.mark.slow

TAGS = ["red sofa, dog, window", "red sofa, cat", "red sofa, big dog, window", "sofa bed, red hat", "hotdog, redwood"]


@pytest.fixture
def tagged(dashboard: Dashboard) -> Path:
    """An untagged photo, and five with comma tags."""
    for number, text in enumerate(["", *TAGS]):
        Image.new("RGB", (320, 240), (40 * number, 120, 90)).save(dashboard.photos / f"p{number}.jpg")
        (dashboard.photos / f"p{number}.txt").write_text(text)
    return dashboard.photos


def open_box(page: Any, dashboard: Dashboard) -> None:
    page.goto(f"{dashboard.url}/?folder={dashboard.photos}")
    page.get_by_text("Showing 1 of").wait_for()
    # Once they are counted, the browser has them.
    page.get_by_role("button", name="Add red sofa").wait_for()
    box(page).click()


def offered(page: Any) -> list[str]:
    return [str(row) for row in page.get_by_role("option").locator("span").all_inner_texts()]


def test_tags_that_hold_what_is_typed_are_offered_with_their_counts(
    page: Any, dashboard: Dashboard, tagged: Path, until: Until
) -> None:
    open_box(page, dashboard)
    page.keyboard.type("dog")
    until(lambda: offered(page) == ["dog", "big dog", "hotdog"])
    box(page).fill("")
    page.keyboard.type("cat, RED")
    until(lambda: offered(page) == ["red sofa", "red hat", "redwood"])
    assert page.get_by_role("option").first.inner_text().split() == ["red", "sofa", "3"]
    page.screenshot(path=SCREENSHOTS / "completion.png")


@pytest.mark.parametrize("key", ["Tab", "Enter"])
def test_arrows_choose_and_a_key_takes(page: Any, dashboard: Dashboard, tagged: Path, until: Until, key: str) -> None:
    open_box(page, dashboard)
    page.keyboard.type("cat, red")
    until(lambda: len(offered(page)) == 3)
    page.keyboard.press("ArrowDown")
    page.keyboard.press(key)
    assert box(page).input_value() == "cat, red hat"
    assert not offered(page)
    page.keyboard.press("Control+z")
    assert box(page).input_value() == "cat, red"


def test_escape_closes_the_list_first_and_leaves_the_box_then(
    page: Any, dashboard: Dashboard, tagged: Path, until: Until
) -> None:
    open_box(page, dashboard)
    page.keyboard.type("red")
    until(lambda: len(offered(page)) == 3)
    page.keyboard.press("Escape")
    assert not offered(page)
    page.keyboard.type(" one")
    assert box(page).input_value() == "red one"
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    page.get_by_text("Showing 2 of").wait_for()


def test_ctrl_enter_saves_what_was_typed_while_the_list_is_open(
    page: Any, dashboard: Dashboard, tagged: Path, until: Until
) -> None:
    open_box(page, dashboard)
    page.keyboard.type("red")
    until(lambda: len(offered(page)) == 3)
    page.keyboard.press("Control+Enter")
    page.get_by_text("Showing 2 of").wait_for()
    assert (tagged / "p0.txt").read_text() == "red"
    until(lambda: not offered(page))


def test_a_tag_that_is_rare_among_many_is_asked_for(
    page: Any, dashboard: Dashboard, tagged: Path, until: Until
) -> None:
    many = [f"tag {number:04d}" for number in range(1000)]
    (tagged / "p1.txt").write_text(", ".join(["red sofa", *many, "zebra crossing"]))
    open_box(page, dashboard)
    page.keyboard.type("crossi")
    until(lambda: offered(page) == ["zebra crossing"])
    page.keyboard.press("Tab")
    assert box(page).input_value() == "zebra crossing"


def test_what_was_typed_before_the_tags_were_counted_is_completed_once_they_are(
    page: Any, dashboard: Dashboard, tagged: Path, until: Until
) -> None:
    # Counting a million tags takes longer than it takes to type.
    many = ", ".join(f"tag {number:04d}" for number in range(5000))
    for number in range(6, 206):
        (tagged / f"p{number}.jpg").hardlink_to(tagged / "p0.jpg")
        (tagged / f"p{number}.txt").write_text(f"red sofa, {many}")
    page.goto(f"{dashboard.url}/?folder={dashboard.photos}")
    box(page).click()
    page.keyboard.type("red")
    until(lambda: offered(page) == ["red sofa", "red hat", "redwood"])
    page.keyboard.press("Tab")
    assert box(page).input_value() == "red sofa"


def test_sentences_are_not_completed(page: Any, dashboard: Dashboard, tagged: Path, until: Until) -> None:
    for number in range(1, 6):
        (tagged / f"p{number}.txt").write_text(f"A red sofa stands in a very large room number {number}.")
    page.goto(f"{dashboard.url}/?folder={dashboard.photos}")
    page.get_by_text("Frequent words (").wait_for()
    box(page).click()
    page.keyboard.type("sof")
    until(lambda: page.get_by_text("not saved yet").count() == 1)
    assert not offered(page)
