"""What a person does on the Bulk Ops page, in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from benchmarks.folders import many_photos
from lib.dataset.saving.open_journal import journal_for
from lib.settings import Settings
from tests.browser.conftest import SCREENSHOTS, Dashboard, open_scope

Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def photos(dashboard: Dashboard) -> Path:
    for number in range(60):
        Image.new("RGB", (160, 120), (4 * number, 120, 200)).save(dashboard.photos / f"photo_{number:02d}.jpg")
        (dashboard.photos / f"photo_{number:02d}.txt").write_text(f"a cat, red sofa, {number}")
    return dashboard.photos


def open_bulk_ops(page: Any, dashboard: Dashboard, folder: Path) -> None:
    page.goto(f"{dashboard.url}/bulk_ops?folder={folder}")
    page.get_by_role("heading", name="Bulk Ops").wait_for()
    page.get_by_role("radio", name="Find and replace").click()


def fill(page: Any, find: str, replacement: str) -> None:
    page.get_by_label("Find", exact=True).fill(find)
    page.get_by_label("Replace with").fill(replacement)
    page.get_by_label("Replace with").press("Enter")


def preview(page: Any, find: str, replacement: str) -> Any:
    fill(page, find, replacement)
    page.get_by_role("button", name="Preview replace all").click()
    apply = page.get_by_role("button", name="Apply to")
    apply.wait_for()
    return apply


def texts(folder: Path) -> list[str]:
    return [path.read_text() for path in sorted(folder.glob("*.txt"))]


def operations(dashboard: Dashboard, folder: Path) -> list[str]:
    """The edits of a folder, the newest first: kind, state, files."""
    entries = journal_for(folder, Settings(home=dashboard.home)).operations()
    return [f"{entry.kind} {entry.state} {entry.files}" for entry in entries if entry.kind != "create"]


def test_replace_all_on_real_files_and_back(page: Any, dashboard: Dashboard, photos: Path, until: Until) -> None:
    before = texts(photos)
    open_bulk_ops(page, dashboard, photos)
    apply = preview(page, "red sofa", "blue chair")
    assert apply.inner_text() == "Apply to 60 files"
    page.get_by_role("cell", name="a cat, blue chair, 0", exact=True).wait_for()
    assert page.locator("tbody tr").count() == 50
    page.get_by_role("button", name="Page 2").click()
    page.get_by_role("cell", name="a cat, blue chair, 59", exact=True).wait_for()
    page.screenshot(path=SCREENSHOTS / "bulk_preview.png")
    assert texts(photos) == before
    apply.click()
    page.get_by_text("60 files changed").wait_for()
    assert texts(photos) == [text.replace("red sofa", "blue chair") for text in before]
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Taken back: 60 files").wait_for()
    assert texts(photos) == before
    assert operations(dashboard, photos) == ["replace undone 60"]


def test_a_double_click_on_apply_is_one_operation(page: Any, dashboard: Dashboard, photos: Path) -> None:
    open_bulk_ops(page, dashboard, photos)
    preview(page, "cat", "cat cat").dblclick()
    page.get_by_text("60 files changed").wait_for()
    page.wait_for_timeout(1000)
    assert operations(dashboard, photos) == ["replace done 60"]
    assert texts(photos)[0] == "a cat cat, red sofa, 0"


@pytest.mark.slow
def test_cleared_boxes_leave_their_images_out_also_when_cleared_in_haste(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    open_bulk_ops(page, dashboard, photos)
    preview(page, "cat", "dog")
    boxes = page.locator("tbody input")
    boxes.first.wait_for()
    page.evaluate(
        "() => { const find = root => { for (const e of root.querySelectorAll('*')) {"
        " if (e.matches('tbody')) return e; if (e.shadowRoot) { const f = find(e.shadowRoot); if (f) return f; } } };"
        " [...find(document).querySelectorAll('input')].slice(0, 5).forEach(box => box.click()); }"
    )
    page.get_by_role("button", name="Apply to 55 files").wait_for()
    page.get_by_label("Change photo_07.jpg").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Page 2").click()
    page.get_by_label("Change photo_59.jpg").uncheck()
    page.get_by_role("button", name="Apply to 53 files").wait_for()
    page.get_by_role("button", name="Page 1", exact=True).click()
    page.get_by_label("Change photo_00.jpg").wait_for()
    assert [boxes.nth(place).is_checked() for place in range(9)] == [False] * 5 + [True, True, False, True]
    page.get_by_role("button", name="Apply to 53 files").click()
    page.get_by_text("53 files changed").wait_for()
    kept = [place for place, text in enumerate(texts(photos)) if "cat" in text]
    assert kept == [0, 1, 2, 3, 4, 7, 59]


def test_a_box_cleared_in_the_moment_of_the_click_on_apply_counts(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    open_bulk_ops(page, dashboard, photos)
    preview(page, "cat", "dog")
    page.get_by_label("Change photo_00.jpg").wait_for()
    page.evaluate(
        "() => { const find = root => { for (const e of root.querySelectorAll('*')) {"
        " if (e.matches('tbody')) return e; if (e.shadowRoot) { const f = find(e.shadowRoot); if (f) return f; } } };"
        " find(document).querySelector('input').click();"
        " [...document.querySelectorAll('button')].find(b => b.innerText.startsWith('Apply to')).click(); }"
    )
    page.get_by_text("59 files changed").wait_for()
    assert [place for place, text in enumerate(texts(photos)) if "cat" in text] == [0]


def test_foreign_text_is_shown_but_neither_run_nor_fetched(page: Any, dashboard: Dashboard) -> None:
    evil = "![x](http://127.0.0.1:9/beacon) <script>window.hit=1</script> <img src=x onerror='window.hit=1'> $$x$$"
    name = "<img src=x onerror=window.hit=1>![y](http:..127.0.0.1:9.b).jpg"
    Image.new("RGB", (60, 40), "red").save(dashboard.photos / name)
    (dashboard.photos / name).with_suffix(".txt").write_text(evil)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    open_bulk_ops(page, dashboard, dashboard.photos)
    open_scope(page)
    page.get_by_label("Whose tag holds").fill("<img src=x onerror='window.hit=1'>, ![x](http://127.0.0.1:9/beacon)")
    page.get_by_label("Whose tag holds").press("Enter")
    apply = preview(page, "$$", evil)
    page.get_by_role("cell", name=evil, exact=True).wait_for()
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_text("Match 1 of 2").wait_for()
    page.locator(".toolkit-match", has_text="window.hit=1").wait_for()
    page.get_by_role("button", name="Preview replace all").click()
    # The file is changed after the new preview has read it.
    page.get_by_text("Match 1 of 2").wait_for(state="hidden")
    page.get_by_role("cell", name=evil, exact=True).wait_for()
    (dashboard.photos / name).with_suffix(".txt").write_text(evil + " changed")
    apply.click()
    page.get_by_text("left alone").wait_for()
    page.wait_for_timeout(1000)
    assert page.evaluate("window.hit") is None
    assert not [url for url in requests if not url.startswith((dashboard.url, "data:", "blob:", "ws"))]


@pytest.mark.slow
def test_each_match_is_shown_with_its_image_and_replaced_one_by_one(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    open_bulk_ops(page, dashboard, photos)
    fill(page, "sofa", "bench")
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_text("Match 1 of 60 in 60 files").wait_for()
    assert page.locator("mark.here").inner_text() == "sofa"
    page.get_by_role("button", name="Previous", exact=True).click()
    page.get_by_text("Match 60 of 60 in 60 files").wait_for()
    page.get_by_role("img", name="photo_59.jpg").wait_for()
    page.get_by_role("button", name="Replace this one").click()
    page.get_by_text("Match 1 of 59 in 59 files").wait_for()
    page.screenshot(path=SCREENSHOTS / "bulk_find.png")
    assert texts(photos)[59] == "a cat, red bench, 59"
    page.get_by_role("button", name="Open in Tagging").click()
    page.get_by_text("Showing 1 of").wait_for()
    until(lambda: page.get_by_label("Tag", exact=True).input_value() == "a cat, red sofa, 0")


def test_a_double_click_replaces_the_one_match_that_was_seen(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    open_bulk_ops(page, dashboard, photos)
    fill(page, "cat", "dog")
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_text("Match 1 of 60").wait_for()
    button = page.get_by_role("button", name="Replace this one")
    button.evaluate("seen => { seen.click(); for (const ms of [30, 60, 90, 150]) setTimeout(() => seen.click(), ms); }")
    page.get_by_text("Match 1 of 59").wait_for()
    page.wait_for_timeout(1000)
    assert sum("dog" in text for text in texts(photos)) == 1
    assert not page.get_by_role("alert").count()
    button.click()
    until(lambda: sum("dog" in text for text in texts(photos)) == 2)


@pytest.mark.slow
def test_words_typed_just_before_turning_to_bulk_ops_are_kept_and_told_of(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    page.goto(f"{dashboard.url}/?folder={photos}")
    box = page.get_by_label("Tag", exact=True)
    until(lambda: box.count() > 0 and box.input_value() == "a cat, red sofa, 0")
    box.press("End")
    box.press_sequentially(" typed")
    # A hand holds the button down for longer than no time at all.
    page.get_by_role("link", name="Bulk Ops").click(delay=60)
    page.get_by_text("One image has text that was typed but not saved").wait_for()
    page.reload()
    page.get_by_text("One image has text that was typed but not saved").wait_for()
    page.go_back()
    until(lambda: box.count() > 0 and box.input_value() == "a cat, red sofa, 0 typed")
    page.get_by_role("link", name="Bulk Ops").click()
    page.get_by_role("heading", name="Bulk Ops").wait_for()
    page.get_by_role("link", name="Tagging").click()
    until(lambda: box.count() > 0 and box.input_value() == "a cat, red sofa, 0 typed")
    page.reload()
    until(lambda: box.count() > 0 and box.input_value() == "a cat, red sofa, 0 typed")


@pytest.mark.slow
def test_ten_thousand_changes_are_previewed_and_paged_through(page: Any, dashboard: Dashboard, until: Until) -> None:
    folder = many_photos(dashboard.photos / "many", 10_000)
    open_bulk_ops(page, dashboard, folder)
    apply = preview(page, ".", "!")
    assert apply.inner_text() == "Apply to 10,000 files"
    page.get_by_role("button", name="Page 200", exact=True).click()
    page.get_by_label("Change photo_009999.jpg").wait_for()
    # The page before stays for a moment, until the new one is drawn to its end.
    until(lambda: page.locator("tbody tr").count() == 50)


@pytest.mark.slow
def test_pages_are_turned_elsewhere_while_a_pattern_explodes(
    page: Any, browser: Any, dashboard: Dashboard, photos: Path
) -> None:
    for number in range(60, 240):
        Image.new("RGB", (16, 12), "teal").save(photos / f"photo_{number}.jpg")
    for image in photos.glob("*.jpg"):
        # Slow enough to use up the operation's time, and not so slow that the first caption ends it.
        image.with_suffix(".txt").write_text("a" * 22 + "!")
    open_bulk_ops(page, dashboard, photos)
    page.get_by_text("Regular expression", exact=True).click()
    other = browser.new_context().new_page()
    other.goto(f"{dashboard.url}/?folder={photos}")
    other.get_by_text("Showing 1 of").wait_for()
    fill(page, "(a|aa)+$", "x")
    page.get_by_role("button", name="Preview replace all").click()
    working = page.get_by_test_id("stMain").get_by_text("Looking for changes …")
    working.wait_for()
    other.get_by_role("button", name="Next", exact=True).click()
    other.get_by_text("Showing 2 of").wait_for()
    assert working.is_visible()
    page.get_by_text("is too slow for these captions").wait_for()
    assert texts(photos)[0] == "a" * 22 + "!"
    other.context.close()


def test_the_first_click_on_preview_counts_while_the_field_is_still_being_typed_into(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    page.goto(f"{dashboard.url}/bulk_ops?folder={photos}")
    page.get_by_role("radio", name="Add to all tags").click()
    field = page.get_by_label("Put before each tag")
    field.press_sequentially("photo of")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Apply to").wait_for()
