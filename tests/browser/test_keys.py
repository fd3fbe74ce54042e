"""The keys of the Tagging page, in Chromium."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import SCREENSHOTS, Dashboard
from tests.browser.test_tagging import Until, box, open_photos, photos, shown

__all__ = ["photos"]

FOCUSED = (
    "() => { let at = document.activeElement; while (at && at.shadowRoot && at.shadowRoot.activeElement)"
    " at = at.shadowRoot.activeElement; return at ? at.id || at.tagName : ''; }"
)


def test_ctrl_enter_saves_and_goes_on_with_the_focus_in_the_box(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    open_photos(page, dashboard)
    shown(page, 0)
    box(page).click()
    for number in range(5):
        shown(page, number)
        page.keyboard.press("Control+End")
        page.keyboard.type(" typed")
        page.keyboard.press("Control+Enter")
    shown(page, 5)
    until(lambda: all((photos / f"photo_{n:02d}.txt").read_text() == f"text {n} typed" for n in range(5)))
    assert box(page).input_value() == "text 5"
    assert page.evaluate(FOCUSED) == "tag-text"


@pytest.mark.slow
def test_escape_leaves_the_box_and_the_arrows_walk(page: Any, dashboard: Dashboard, photos: Path, until: Until) -> None:
    open_photos(page, dashboard)
    shown(page, 0)
    box(page).click()
    page.keyboard.press("Control+End")
    page.keyboard.type("?")
    until(lambda: box(page).input_value() == "text 0?")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    shown(page, 1)
    assert page.get_by_role("dialog").count() == 0


def test_a_question_mark_outside_the_box_shows_the_keys(page: Any, dashboard: Dashboard, photos: Path) -> None:
    open_photos(page, dashboard)
    shown(page, 0)
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_text("next image without a tag").wait_for()
    page.screenshot(path=SCREENSHOTS / "keys.png")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    # The focus leaves it a moment after it can be seen no more.
    page.wait_for_function("document.activeElement === document.body")
    page.keyboard.press("ArrowRight")
    shown(page, 1)
    page.get_by_role("button", name="Keys", exact=True).click()
    page.get_by_role("dialog").get_by_text("next image without a tag").wait_for()


@pytest.mark.slow
@pytest.mark.parametrize("after_escape", [False, True])
def test_the_box_is_among_the_first_five_tab_stops(
    page: Any, dashboard: Dashboard, photos: Path, after_escape: bool
) -> None:
    open_photos(page, dashboard)
    shown(page, 0)
    if after_escape:
        box(page).click()
        page.keyboard.press("Escape")
    stops = []
    for _ in range(5):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUSED))
    assert "tag-text" in stops
    # And it lets go: who tabs goes on to the buttons.
    assert "BUTTON" in stops, stops


@pytest.mark.slow
def test_ctrl_j_goes_from_untagged_to_untagged(page: Any, dashboard: Dashboard, photos: Path) -> None:
    for number in (3, 7):
        (photos / f"photo_{number:02d}.txt").write_text("")
    open_photos(page, dashboard)
    shown(page, 0)
    for number in (4, 8, 4):
        page.keyboard.press("Control+j")
        page.get_by_text(f"Showing {number} of").wait_for()
