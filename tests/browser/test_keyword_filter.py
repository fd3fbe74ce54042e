"""What a person does on the Keyword Filter page, in Chromium."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lib.dataset.saving.open_journal import journal_for
from lib.preferences import Preferences
from lib.settings import Settings
from tests.browser.conftest import SCREENSHOTS, Dashboard, open_scope
from tests.doubles.clusters import keep_clusters

Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def photos(dashboard: Dashboard) -> Path:
    for number in range(40):
        path = dashboard.photos / f"photo_{number:02d}.jpg"
        Image.new("RGB", (160, 120), (6 * number, 120, 200)).save(path)
        path.with_suffix(".txt").write_text(f"a cat, red sofa, {number}" if number % 2 else f"a dog, {number}")
    return dashboard.photos


def open_filter(page: Any, dashboard: Dashboard, query: str = "") -> Any:
    """Open the page; gives its samples."""
    page.goto(f"{dashboard.url}/keyword_filter?folder={dashboard.photos}{f'&q={query}' if query else ''}")
    page.get_by_role("heading", name="Keyword Filter").wait_for()
    return page.get_by_role("group", name="Samples")


def type_row(page: Any, row: int, text: str) -> None:
    """Edit the caption in a row of the table."""
    table = page.get_by_test_id("stDataFrame")
    table.wait_for()
    size = table.bounding_box()
    page.mouse.dblclick(size["x"] + size["width"] * 0.75, size["y"] + 35 * (row + 1) + 17)
    cell = page.locator("#portal textarea, #portal input").first
    cell.wait_for()
    cell.fill(text)
    cell.press("Enter")


def operations(dashboard: Dashboard) -> list[str]:
    entries = journal_for(dashboard.photos, Settings(home=dashboard.home)).operations()
    return [f"{entry.kind} {entry.state} {entry.files}" for entry in entries if entry.kind != "create"]


def test_typing_filters_at_once_and_a_wrong_query_keeps_the_last_good_result(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    samples = open_filter(page, dashboard)
    page.get_by_label("Keywords").press_sequentially("sofa", delay=30)
    page.get_by_text("matches sofa · 20 of 40").wait_for()
    samples.locator("mark").first.wait_for()
    assert set(samples.locator("mark").all_inner_texts()) == {"sofa"}
    page.screenshot(path=SCREENSHOTS / "keyword_filter.png")
    # In one go: a pause within the word would search for the letters so far.
    page.get_by_label("Keywords").fill("sofa AND")
    page.get_by_text("AND needs a keyword after it").wait_for()
    assert samples.locator("article").count() == 20
    page.get_by_label("Keywords").press_sequentially(" 13", delay=30)
    page.get_by_text("· 1 of 40").wait_for()
    assert page.get_by_label("Keywords").input_value() == "sofa AND 13"


@pytest.mark.slow
def test_how_the_words_are_read_stands_beside_the_box(page: Any, dashboard: Dashboard, photos: Path) -> None:
    open_filter(page, dashboard).locator("img").first.wait_for()
    page.get_by_role("button", name="How").click()
    page.get_by_text("In this folder; a click adds it to the query").wait_for()
    box, how = (one.bounding_box() for one in (page.get_by_label("Keywords"), page.get_by_role("button", name="How")))
    assert box["y"] < how["y"] + how["height"] / 2 < box["y"] + box["height"]


def test_a_sample_is_edited_beside_the_gallery_and_saved_with_the_keyboard(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    samples = open_filter(page, dashboard, "sofa")
    samples.get_by_label("Open photo_03.jpg").click()
    box = page.get_by_label("Tag", exact=True)
    until(lambda: box.count() > 0 and box.input_value() == "a cat, red sofa, 3")
    box.press("End")
    box.press_sequentially(" by hand")
    box.press("Control+s")
    until(lambda: (photos / "photo_03.txt").read_text() == "a cat, red sofa, 3 by hand")
    samples.get_by_text("by hand").wait_for()
    page.screenshot(path=SCREENSHOTS / "keyword_filter_sample.png")
    # Typed, then another sample at once: nothing is lost.
    box.press_sequentially(" and more")
    samples.get_by_label("Open photo_05.jpg").click()
    until(lambda: box.input_value() == "a cat, red sofa, 5")
    samples.get_by_label("Open photo_03.jpg").click()
    until(lambda: box.input_value() == "a cat, red sofa, 3 by hand and more")


@pytest.mark.slow
def test_what_is_typed_stays_when_a_save_takes_the_sample_out_of_the_list(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    samples = open_filter(page, dashboard)
    page.get_by_label("Keywords").fill("sofa, 13")
    open_scope(page)
    page.get_by_text("Every keyword").click()
    page.get_by_text("· 1 of 40").wait_for()
    samples.get_by_label("Open photo_13.jpg").click()
    box = page.get_by_label("Tag", exact=True)
    until(lambda: box.count() > 0 and box.input_value() == "a cat, red sofa, 13")
    box.evaluate("element => { element.isTheSame = true }")
    box.fill("a bird")
    box.press("Control+s")
    page.get_by_text("The open one is not in scope any more.").wait_for()
    box.press_sequentially(" in a tree")
    box.press("Control+s")
    until(lambda: (photos / "photo_13.txt").read_text() == "a bird in a tree")
    assert box.evaluate("element => element.isTheSame && element.getRootNode().activeElement === element")
    page.screenshot(path=SCREENSHOTS / "keyword_filter_gone.png")


def test_a_cluster_and_a_query_are_combined_and_the_cluster_is_left_again(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    names = sorted(path.name for path in photos.glob("*.jpg"))
    keep_clusters(Settings(home=dashboard.home), photos, [names[:10], names[10:]])
    open_filter(page, dashboard, "sofa")
    open_scope(page)
    page.get_by_role("combobox", name="Cluster number").click()
    page.get_by_role("option", name="Tags: 0 – word0 (10)").click()
    page.get_by_text("Cluster 0 – word0 · matches sofa · 5 of 40").wait_for()
    page.wait_for_url("**chosen=*")
    page.reload()
    page.get_by_text("Cluster 0 – word0 · matches sofa · 5 of 40").wait_for()
    page.screenshot(path=SCREENSHOTS / "keyword_filter_cluster.png")
    page.get_by_label("Keywords").fill("dog")
    open_scope(page)
    page.get_by_role("combobox", name="Cluster number").click()
    page.get_by_role("option", name="All", exact=True).click()
    page.get_by_text("matches dog · 20 of 40").wait_for()
    assert page.get_by_text("Cluster 0 – word0 · ").count() == 0


@pytest.mark.slow
def test_a_change_by_somebody_else_is_a_conflict_with_both_texts(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    samples = open_filter(page, dashboard, "sofa")
    samples.get_by_label("Open photo_01.jpg").click()
    box = page.get_by_label("Tag", exact=True)
    until(lambda: box.count() > 0 and box.input_value() == "a cat, red sofa, 1")
    box.fill("mine")
    page.get_by_text("not saved yet").wait_for()
    (photos / "photo_01.txt").write_text("theirs")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("changed by someone else").wait_for()
    page.get_by_text("theirs").first.wait_for()
    assert box.input_value() == "mine"
    assert (photos / "photo_01.txt").read_text() == "theirs"
    page.get_by_role("button", name="Save mine over it").click()
    until(lambda: (photos / "photo_01.txt").read_text() == "mine")


def test_five_captions_are_edited_in_the_table_and_saved_as_one_operation(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    open_filter(page, dashboard, "sofa")
    page.get_by_role("radio", name="Table").click()
    for row in range(5):
        type_row(page, row, f"table {row}")
        label = "1 caption" if row == 0 else f"{row + 1} captions"
        page.get_by_role("button", name=f"Save all ({label})").wait_for()
    page.screenshot(path=SCREENSHOTS / "keyword_filter_table.png")
    assert operations(dashboard) == []
    page.get_by_role("button", name="Save all (5 captions)").click()
    page.get_by_text("5 captions saved, as one operation").wait_for()
    assert [(photos / f"photo_{n:02d}.txt").read_text() for n in (1, 3, 5, 7, 9)] == [f"table {n}" for n in range(5)]
    assert operations(dashboard) == ["table done 5"]
    page.get_by_text("matches sofa · 15 of 40").wait_for()


@pytest.mark.slow
def test_a_row_is_told_once_and_not_typed_over_what_another_tab_did_with_it(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    open_filter(page, dashboard, "sofa")
    page.get_by_role("radio", name="Table").click()
    type_row(page, 0, "first")
    page.get_by_role("button", name="Save all (1 caption)").wait_for()
    type_row(page, 1, "second")
    page.get_by_role("button", name="Save all (2 captions)").wait_for()
    kept = Preferences(Settings(home=dashboard.home).owner_folder("local"))
    kept.drop_draft(photos, "photo_01.jpg")
    draft = kept.draft(photos, "photo_03.jpg")
    assert draft is not None
    kept.keep_draft(photos, "photo_03.jpg", replace(draft, text="from another tab", writer="another session"))
    type_row(page, 2, "third")
    page.get_by_role("button", name="Undo typing (1 caption)").wait_for()
    page.get_by_text("Save all leaves these out").wait_for()
    type_row(page, 1, "second again")
    page.get_by_text("photo_03.jpg got another text meanwhile").wait_for()
    page.get_by_text("photo_03.jpg: second again").wait_for()
    page.get_by_role("button", name="Save all (2 captions)").click()
    page.get_by_text("2 captions saved, as one operation").wait_for()
    texts = [(photos / f"photo_{number:02d}.txt").read_text() for number in (1, 3, 5)]
    assert texts == ["a cat, red sofa, 1", "from another tab", "third"]


@pytest.mark.slow
def test_ticked_samples_are_the_scope_of_bulk_ops_and_of_a_refreshed_page(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    samples = open_filter(page, dashboard, "dog")
    for number in ("00", "04", "10"):
        samples.get_by_label(f"Choose photo_{number}.jpg").check()
    page.get_by_role("button", name="Use 3 samples as scope").click()
    page.get_by_text("3 chosen images · 3 of 40").wait_for()
    page.get_by_role("link", name="Bulk Ops").click()
    page.get_by_role("heading", name="Bulk Ops").wait_for()
    page.get_by_text("3 chosen images · 3 of 40").wait_for()
    page.wait_for_url("**chosen=*")
    page.reload()
    page.get_by_text("3 chosen images · 3 of 40").wait_for()
    page.get_by_role("radio", name="Add to all tags").click()
    page.get_by_label("Put before each tag").fill("photo of")
    page.get_by_label("Put before each tag").press("Enter")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Apply to 3 files").wait_for()
    page.get_by_role("link", name="Tagging").click()
    page.get_by_text("3 chosen images · 3 of 40").wait_for()
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_text("Showing 5 of 40").wait_for()
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_text("Showing 6 of 40").wait_for()
    page.wait_for_function("() => !window.location.search.includes('chosen')")


@pytest.mark.slow
def test_naughty_captions_run_nothing_and_fetch_nothing(page: Any, dashboard: Dashboard, test_data: Path) -> None:
    found = next((test_data / "hostile" / "strings").rglob("blns.json"))
    strings = [text for text in json.loads(found.read_text(encoding="utf-8")) if text]
    strings += [
        "![x](http://127.0.0.1:9/beacon) <img src=x onerror='window.hit=1'> <script>window.hit=1</script> $$x$$"
    ]
    Image.new("RGB", (8, 8)).save(dashboard.photos / "one.png")
    picture = (dashboard.photos / "one.png").read_bytes()
    for number, text in enumerate(strings):
        (dashboard.photos / f"{number:03d}.png").write_bytes(picture)
        (dashboard.photos / f"{number:03d}.txt").write_text(text, encoding="utf-8")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("dialog", lambda dialog: requests.append(f"dialog {dialog.message}"))
    samples = open_filter(page, dashboard)
    samples.locator("article").first.wait_for()
    page.get_by_label("Keywords").fill("<script, onerror, javascript, ![x](http://127.0.0.1:9/beacon)")
    page.get_by_text("matches <script").first.wait_for()
    samples.locator("mark").first.wait_for()
    page.get_by_label("Keywords").fill("&copy;, alert")
    page.get_by_text("matches &copy;, alert").wait_for()
    samples.get_by_label("Open").first.click()
    page.get_by_label("Tag", exact=True).wait_for()
    page.get_by_role("radio", name="Table").click()
    page.get_by_test_id("stDataFrame").wait_for()
    page.get_by_role("link", name="Word Cloud").click()
    page.get_by_role("heading", name="Word Cloud").wait_for()
    page.get_by_role("button", name="Load Word Cloud").click()
    page.locator("[data-testid=stVegaLiteChart] path[aria-label*='script']").first.click()
    page.get_by_role("button", name="Use as scope").click()
    page.get_by_text("with “").first.wait_for()
    page.get_by_role("radio", name="Statistics").click()
    page.get_by_text("How captions begin").wait_for()
    assert page.evaluate("window.hit") is None
    assert not [url for url in requests if not url.startswith((dashboard.url, "data:", "blob:", "ws"))]


@pytest.mark.slow
def test_the_page_numbers_are_all_there_after_filtering(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    samples = open_filter(page, dashboard)
    page.get_by_role("combobox", name="A page").click()
    page.get_by_role("option", name="12 a page").click()
    page.get_by_role("button", name="Page 4", exact=True).wait_for()
    page.get_by_label("Keywords").press_sequentially("sofa", delay=30)
    page.get_by_text("matches sofa · 20 of 40").wait_for()
    page.get_by_role("button", name="Page 3", exact=True).wait_for(state="detached")
    page.get_by_role("button", name="Page 2", exact=True).click()
    until(lambda: samples.locator("article").count() == 8)


@pytest.mark.slow
def test_a_table_is_taken_home_where_formulas_are_guarded_and_nowhere_else(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    open_filter(page, dashboard)
    page.get_by_role("radio", name="Table").click()
    page.get_by_test_id("stDataFrame").wait_for()
    page.get_by_test_id("stDataFrame").hover()
    page.get_by_test_id("stElementToolbarButton").get_by_label("Search").wait_for()
    assert not page.get_by_label("Download as CSV").is_visible()
