"""What a person does on the Review page, in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.conftest import SCREENSHOTS, Dashboard, choose_server
from tests.doubles.provider_server import ProviderServer

pytestmark = pytest.mark.slow

Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def photos(dashboard: Dashboard) -> Path:
    """Eight photos, three of whose captions hold marks of HTML, one of them a script."""
    for number in range(8):
        Image.effect_noise((160, 120), 30 + 5 * number).convert("RGB").save(dashboard.photos / f"p{number}.jpg")
        text = f"A boat number {number} lies on a quiet lake."
        if number < 3:
            text = f"A <b>boat</b> number {number} lies on a quiet lake. <script>document.title = 'taken'</script>"
        (dashboard.photos / f"p{number}.txt").write_text(text)
    return dashboard.photos


def open_review(page: Any, dashboard: Dashboard, folder: Path) -> None:
    page.goto(f"{dashboard.url}/review?folder={folder}")
    kind(page).click()
    heading(page, "1 of 3").wait_for()


def kind(page: Any) -> Any:
    return page.get_by_role("navigation", name="Findings").get_by_role("button", name="With marks of HTML")


def heading(page: Any, words: str) -> Any:
    return page.locator(".toolkit-finding", has_text=words)


def test_keys_walk_through_findings_and_deal_with_them(dashboard: Dashboard, photos: Path, page: Any) -> None:
    open_review(page, dashboard, photos)
    page.keyboard.press("ArrowRight")
    heading(page, "2 of 3").wait_for()
    page.keyboard.press("ArrowLeft")
    heading(page, "1 of 3").wait_for()
    page.keyboard.press("Space")
    heading(page, "1 of 2").wait_for()
    page.get_by_text("Right as it is: remembered.").wait_for()
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_text("right as it is: remembered").wait_for()


def test_the_kind_that_is_open_stays_where_it_is_when_it_is_clicked(
    dashboard: Dashboard, photos: Path, page: Any
) -> None:
    open_review(page, dashboard, photos)
    page.keyboard.press("ArrowRight")
    heading(page, "2 of 3").wait_for()
    kind(page).click()
    page.keyboard.press("ArrowRight")
    heading(page, "3 of 3").wait_for()


def test_the_key_e_leads_into_the_text_box_and_what_is_typed_by_then_presses_nothing(
    dashboard: Dashboard, photos: Path, page: Any, until: Until
) -> None:
    open_review(page, dashboard, photos)
    # As somebody types who does not wait: "x", "a" and Space are keys of this page.
    page.keyboard.press("e")
    page.keyboard.type("xa ")
    until(lambda: page.get_by_label("Tag", exact=True).evaluate("box => box === box.getRootNode().activeElement"))
    page.keyboard.press("Control+A")
    page.keyboard.type("an axe in a box")
    page.keyboard.press("Control+s")
    until(lambda: "an axe in a box" in (photos / "p0.txt").read_text())
    assert sorted(path.name for path in photos.glob("*.jpg")) == [f"p{number}.jpg" for number in range(8)]
    assert page.get_by_text("left out").count() == 0


def test_looking_at_an_image_writes_no_file(dashboard: Dashboard, photos: Path, page: Any) -> None:
    (photos / "p7.txt").unlink()
    page.goto(f"{dashboard.url}/review?folder={photos}")
    kinds = page.get_by_role("navigation", name="Findings")
    kinds.get_by_role("button", name="Without a word").click()
    page.keyboard.press("e")
    page.get_by_label("Tag", exact=True).wait_for()
    assert not (photos / "p7.txt").exists()


def test_no_key_does_anything_while_somebody_types(dashboard: Dashboard, photos: Path, page: Any, until: Until) -> None:
    open_review(page, dashboard, photos)
    page.keyboard.press("e")
    box = page.locator("textarea").last
    box.click()
    box.press_sequentially("x f e ")
    until(lambda: "x f e " in box.input_value())
    heading(page, "1 of 3").wait_for()
    assert (photos / "p0.jpg").exists()


def test_mending_is_seen_on_disk_and_undo_brings_every_byte_back(
    dashboard: Dashboard, photos: Path, page: Any, until: Until
) -> None:
    before = {path.name: path.read_bytes() for path in photos.iterdir()}
    open_review(page, dashboard, photos)
    page.get_by_role("radio", name="Grid").click()
    page.get_by_role("button", name="Apply to 3").click()
    until(lambda: not any("<b>" in path.read_text() for path in photos.glob("*.txt")))
    page.get_by_role("button", name="Undo").click()
    until(lambda: {path.name: path.read_bytes() for path in photos.iterdir() if path.is_file()} == before)
    kind(page).wait_for()
    assert page.title() != "taken"


def test_what_a_mending_leaves_is_listed_at_once_and_what_the_history_takes_back_as_well(
    dashboard: Dashboard, photos: Path, page: Any, until: Until
) -> None:
    (photos / "p0.txt").write_text("A <b>boat</b> and and a lake.")
    open_review(page, dashboard, photos)
    page.keyboard.press("f")
    until(lambda: (photos / "p0.txt").read_text() == "A boat and and a lake.")
    heading(page, "1 of 2").wait_for()
    findings = page.get_by_role("navigation", name="Findings")
    findings.get_by_role("button", name="That repeat themselves").click()
    heading(page, "That repeat themselves").wait_for()
    page.keyboard.press("f")
    until(lambda: (photos / "p0.txt").read_text() == "A boat and a lake.")
    findings.get_by_role("button", name="That repeat themselves").wait_for(state="detached")
    page.get_by_role("link", name="History").click()
    page.get_by_role("button", name="Undo").first.click()
    until(lambda: (photos / "p0.txt").read_text() == "A boat and and a lake.")
    page.get_by_role("link", name="Review").click()
    findings.get_by_role("button", name="That repeat themselves").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_key_g_has_a_caption_written_that_stands_beside_the_old_one(
    dashboard: Dashboard, photos: Path, page: Any, theme: str, until: Until
) -> None:
    page.emulate_media(color_scheme=theme)
    before = (photos / "p0.txt").read_text()
    with ProviderServer("A ship on a calm sea.") as server:
        open_review(page, dashboard, photos)
        page.get_by_role("tab", name="Sample").click()
        page.locator("[role=tab][aria-selected=true]", has_text="Sample").wait_for()
        choose_server(page, server.url)
        heading(page, "1 of 3").click()
        page.keyboard.press("g")
        page.get_by_role("button", name="Prepend").wait_for()
    assert (photos / "p0.txt").read_text() == before
    page.screenshot(path=SCREENSHOTS / f"review_generated_{theme}.png")
    page.get_by_role("button", name="Take it").click()
    box = page.locator("textarea").last
    until(lambda: box.input_value() == "A ship on a calm sea.")
    # While somebody types, it is a letter.
    box.press("End")
    box.press_sequentially(" g")
    until(lambda: box.input_value() == "A ship on a calm sea. g")
    page.get_by_role("button", name="Save", exact=True).click()
    until(lambda: (photos / "p0.txt").read_text() == "A ship on a calm sea. g")
    assert len(server.requests) - sum("models" in one.path for one in server.requests) == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_can_be_done_is_in_sight_without_scrolling(
    dashboard: Dashboard, photos: Path, page: Any, theme: str, until: Until
) -> None:
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": 1440, "height": 900})
    open_review(page, dashboard, photos)
    button = page.get_by_role("button", name="Next")

    def is_in_sight() -> bool:
        box = button.bounding_box()
        return box is not None and box["y"] + box["height"] <= 900

    until(is_in_sight)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight <= window.innerHeight")


def test_a_long_name_is_read_whole_in_both_views(dashboard: Dashboard, photos: Path, page: Any, until: Until) -> None:
    name = "a_boat_that_lies_on_a_quiet_lake_" * 3 + ".jpg"
    (photos / "p0.jpg").rename(photos / name)
    (photos / "p0.txt").rename((photos / name).with_suffix(".txt"))
    open_review(page, dashboard, photos)
    page.locator(".st-key-review-caption").get_by_text(name).wait_for()
    page.get_by_role("radio", name="Grid").click()
    shown = page.get_by_role("group", name="Samples").locator("label span", has_text=name)
    shown.wait_for()
    page.screenshot(path=SCREENSHOTS / "review_grid_long_name.png")
    assert shown.evaluate(
        "one => one.scrollWidth <= one.clientWidth || getComputedStyle(one).textOverflow !== 'ellipsis'"
    )
    until(
        lambda: shown.evaluate(
            "one => one.getBoundingClientRect().right <= one.closest('article').getBoundingClientRect().right"
        )
    )
