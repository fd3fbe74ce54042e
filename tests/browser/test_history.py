"""What a person does with the history of a folder, in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lib.dataset.journal.journal import Journal
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.store import Store
from lib.dataset.saving.targets import Edit
from lib.dataset.scan.scanner import open_dataset
from lib.dataset.tag_files.sidecar import hash_of
from lib.settings import Settings
from tests.browser.conftest import SCREENSHOTS, Dashboard

pytestmark = pytest.mark.slow

Until = Callable[[Callable[[], bool]], None]

HOSTILE = "<img src=x onerror=alert(1)> ![x](http://127.0.0.1:9/x) **bold**"


@pytest.fixture
def photos(dashboard: Dashboard) -> Path:
    for number in range(8):
        Image.new("RGB", (320, 240), (30 * number, 120, 90)).save(dashboard.photos / f"photo_{number}.jpg")
    for number in range(7):
        data = f"a red sofa, number {number}\r\n".encode()
        (dashboard.photos / f"photo_{number}.txt").write_bytes(b"\xef\xbb\xbf" + data if number == 1 else data)
    return dashboard.photos


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.txt")}


def replace_all(dashboard: Dashboard, text: str) -> None:
    """One bulk operation by another process of the same owner, as the command line makes it."""
    from lib.dataset.saving.open_journal import journal_for

    settings = Settings(home=dashboard.home, roots=[str(dashboard.photos)])
    journal: Journal = journal_for(dashboard.photos, settings)
    before = contents(dashboard.photos)
    edits = [
        Edit(f"photo_{n}.jpg", hash_of(before.get(f"photo_{n}.txt")), text if n else f"{text}, {HOSTILE}")
        for n in range(8)
    ]
    store = Store(dashboard.photos, journal, "local", settings, open_dataset(dashboard.photos))
    assert Operations(store).apply(edits, "replace").changed == 8
    journal.close()


def open_tagging(page: Any, dashboard: Dashboard) -> None:
    page.goto(f"{dashboard.url}/?folder={dashboard.photos}")
    page.get_by_text("Showing 1 of").wait_for()


def open_history(page: Any) -> None:
    page.get_by_role("link", name="History").click()
    page.get_by_role("heading", name="History").wait_for()


def box(page: Any) -> Any:
    return page.get_by_label("Tag", exact=True)


def test_a_bulk_edit_is_shown_undone_and_done_again_byte_by_byte(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    before = contents(photos)
    replace_all(dashboard, "a blue chair")
    after = contents(photos)
    open_tagging(page, dashboard)
    open_history(page)
    page.get_by_text("8 files").first.wait_for()
    page.locator(".toolkit-diff del", has_text="red sofa").first.wait_for()
    assert page.locator(".toolkit-diff .after:has(ins)").count() == 8
    assert page.get_by_text("no tag file").count() == 1
    assert page.locator(".toolkit-diff img, .toolkit-diff strong").count() == 0
    spot = page.get_by_role("button", name="Undo this").bounding_box()
    for _ in range(2):
        page.mouse.click(spot["x"] + 20, spot["y"] + 10)
        page.wait_for_timeout(200)
    page.get_by_text("8 files were given back").wait_for()
    page.wait_for_timeout(700)
    assert contents(photos) == before
    page.get_by_role("button", name="Redo", exact=True).click()
    page.get_by_text("8 files hold the change again").wait_for()
    assert contents(photos) == after
    assert not [url for url in fetched if ":9/" in url]


def test_a_file_changed_since_is_left_alone_and_listed(page: Any, dashboard: Dashboard, photos: Path) -> None:
    replace_all(dashboard, "a blue chair")
    (photos / "photo_3.txt").write_text("theirs")
    open_tagging(page, dashboard)
    open_history(page)
    page.get_by_role("button", name="Undo last").click()
    page.get_by_text("7 files were given back").wait_for()
    page.get_by_text("It was changed since.").wait_for()
    assert (photos / "photo_3.txt").read_text() == "theirs"
    assert (photos / "photo_4.txt").read_bytes() == b"a red sofa, number 4\r\n"
    assert not (photos / "photo_7.txt").exists()
    SCREENSHOTS.mkdir(exist_ok=True)
    for scheme, width in (("light", 1440), ("dark", 1440), ("light", 1024)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_timeout(500)
        page.screenshot(path=SCREENSHOTS / f"history-{scheme}-{width}.png")


def test_a_former_text_of_an_image_goes_into_the_box_and_nowhere_else(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    replace_all(dashboard, "a blue chair")
    open_tagging(page, dashboard)
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_text("Showing 2 of").wait_for()
    page.get_by_role("button", name="History").click()
    page.get_by_role("button", name="Put into the box").click()
    until(lambda: box(page).input_value() == "a red sofa, number 1\n")
    assert b"blue chair" in (photos / "photo_1.txt").read_bytes()
    page.get_by_role("button", name="Put into the box").wait_for(state="hidden")
    page.get_by_role("button", name="Save", exact=True).click()
    # In the line ends that the file has now: none were left in it.
    until(lambda: (photos / "photo_1.txt").read_bytes() == b"\xef\xbb\xbfa red sofa, number 1\n")


def test_what_was_typed_survives_a_look_at_the_history_and_a_refresh_there(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    open_tagging(page, dashboard)
    until(lambda: box(page).input_value() == "a red sofa, number 0\n")
    box(page).press("End")
    box(page).press_sequentially("!")
    typed = box(page).input_value()
    open_history(page)
    page.wait_for_url("**folder=**image=photo_0.jpg")
    page.reload()
    page.get_by_text("Nothing was done").wait_for()
    page.get_by_role("link", name="Tagging").click()
    until(lambda: box(page).count() > 0 and box(page).input_value() == typed)
    page.wait_for_url("**folder=**image=photo_0.jpg")
    page.get_by_text("not saved yet").wait_for()
    page.go_back()
    page.get_by_text("Nothing was done").wait_for()


def test_times_are_those_of_the_browsers_clock(browser: Any, dashboard: Dashboard, photos: Path) -> None:
    replace_all(dashboard, "a blue sofa")
    context = browser.new_context(timezone_id="Asia/Tokyo")
    tab = context.new_page()
    tab.goto(f"{dashboard.url}/history?folder={photos}")
    tab.get_by_role("heading", name="History", level=1).wait_for()
    tab.get_by_text("JST").wait_for()
    context.close()
