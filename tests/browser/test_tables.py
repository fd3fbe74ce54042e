"""What a person does with a table, in Chromium: opens it, walks, edits, saves, takes back, filters, changes in bulk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lib.settings import Settings
from lib.tables.opening import open_table
from tests.browser.conftest import SCREENSHOTS, Dashboard
from tests.doubles.embedded import cluster_sink_of
from tests.doubles.image_folder import image_folder
from tests.doubles.tables import write_picture_table

Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def table(dashboard: Dashboard) -> Path:
    texts = [f"a {'dog' if number % 3 else 'cat'} on the grass, {number}" for number in range(150)]
    return write_picture_table(dashboard.photos / "set/pets.parquet", texts)


def box(page: Any) -> Any:
    return page.get_by_label("Tag", exact=True)


def captions(dashboard: Dashboard, table: Path) -> dict[str, str]:
    """What whoever opens the table next finds in it."""
    return {record.name: record.text for record in open_table(table, Settings(home=dashboard.home)).records}


def test_open_a_table_edit_save_undo_and_filter(page: Any, dashboard: Dashboard, table: Path, until: Until) -> None:
    before = table.read_bytes()
    page.goto(dashboard.url)
    path = page.get_by_label("Directory on this server")
    path.fill(str(table))
    path.press("Tab")
    page.get_by_text("A table of captions").wait_for()
    page.screenshot(path=SCREENSHOTS / "table_start.png")
    page.get_by_role("button", name="Select", exact=True).click()
    page.get_by_text("Showing 1 of 150").wait_for(timeout=30_000)
    until(lambda: box(page).input_value() == "a cat on the grass, 0")
    page.get_by_text("24 × 18 pixels").wait_for()
    page.get_by_role("button", name="Next", exact=True).click()
    until(lambda: box(page).input_value() == "a dog on the grass, 1")
    box(page).fill("A caption typed in the browser")
    page.get_by_role("button", name="Save", exact=True).click()
    until(lambda: captions(dashboard, table)["photo001.jpg"] == "A caption typed in the browser")
    page.screenshot(path=SCREENSHOTS / "table_tagging.png")
    page.reload()
    page.get_by_text("Showing 2 of 150").wait_for()
    until(lambda: box(page).input_value() == "A caption typed in the browser")
    page.get_by_role("link", name="History").click()
    page.get_by_role("button", name="Undo last").click()
    until(lambda: captions(dashboard, table)["photo001.jpg"] == "a dog on the grass, 1")
    page.screenshot(path=SCREENSHOTS / "table_history.png")
    page.get_by_role("link", name="Keyword Filter").click()
    page.get_by_label("Keywords").fill("cat")
    samples = page.get_by_role("group", name="Samples")
    samples.get_by_text("a dog").first.wait_for(state="detached")
    samples.get_by_text("a cat on the grass, 69").wait_for()
    page.screenshot(path=SCREENSHOTS / "table_filter.png")
    assert table.read_bytes() == before


def put_all_on_the_beach(page: Any, dashboard: Dashboard, table: Path) -> None:
    """Find and replace “grass” in all 150 rows."""
    page.goto(f"{dashboard.url}/bulk_ops?folder={table}")
    page.get_by_role("heading", name="Bulk Ops").wait_for()
    page.get_by_role("radio", name="Find and replace").click()
    page.get_by_label("Find", exact=True).fill("grass")
    page.get_by_label("Replace with").fill("beach")
    page.get_by_label("Replace with").press("Enter")
    page.get_by_role("button", name="Preview replace all").click()
    page.get_by_role("button", name="Apply to 150").click()


def test_captions_of_a_table_change_in_bulk(page: Any, dashboard: Dashboard, table: Path, until: Until) -> None:
    put_all_on_the_beach(page, dashboard, table)
    until(lambda: set(captions(dashboard, table).values()) >= {"a cat on the beach, 0", "a dog on the beach, 149"})
    page.screenshot(path=SCREENSHOTS / "table_bulk.png")


@pytest.mark.slow
def test_words_of_a_table_are_counted_and_what_it_cannot_do_says_why(
    page: Any, dashboard: Dashboard, table: Path
) -> None:
    page.goto(f"{dashboard.url}/word_cloud?folder={table}")
    page.get_by_role("button", name="Load Word Cloud").click()
    page.get_by_role("group", name="Word cloud").get_by_role("button", name="dog").wait_for(timeout=30_000)
    page.screenshot(path=SCREENSHOTS / "table_words.png")
    page.get_by_role("link", name="Clusters").click()
    page.get_by_role("heading", name="Clusters", exact=True).wait_for()
    # The frame stands there before the map is made.
    page.frame_locator("iframe[title*=plotly_events]").last.locator(".point").first.wait_for(timeout=60_000)
    page.screenshot(path=SCREENSHOTS / "table_clusters.png")
    page.get_by_role("link", name="Review").click()
    page.get_by_role("heading", name="Review", exact=True).wait_for()
    page.get_by_text("150 captions measured").wait_for(timeout=30_000)
    assert page.get_by_role("button", name="Measure all").is_disabled()
    page.screenshot(path=SCREENSHOTS / "table_review.png")


@pytest.mark.slow
def test_rows_go_out_with_their_edits_and_what_a_folder_alone_can_be_says_why(
    page: Any, dashboard: Dashboard, table: Path, until: Until
) -> None:
    put_all_on_the_beach(page, dashboard, table)
    until(lambda: "a cat on the beach, 0" in captions(dashboard, table).values())
    page.get_by_role("link", name="Export").click()
    page.get_by_text("Formats that want files called as the images are").wait_for()
    assert not page.get_by_role("radio", name="Hugging Face imagefolder").count()
    page.locator(".st-key-export-format label", has_text="CSV").first.click()
    page.get_by_text("150 samples").first.wait_for()
    page.get_by_role("button", name="Export", exact=True).click()
    found = dashboard.home.glob
    until(lambda: any("a cat on the beach, 0" in path.read_text() for path in found("**/captions.csv")))
    page.screenshot(path=SCREENSHOTS / "table_export.png")


def test_a_sink_of_clusters_opens_as_its_samples_with_their_map(page: Any, dashboard: Dashboard) -> None:
    captions = {f"{number}.jpg": "a dog runs" if number % 2 else "red car" for number in range(8)}
    photos = image_folder(dashboard.photos / "clustered", captions)
    sink = cluster_sink_of(photos, dashboard.photos / "clusters")
    page.goto(dashboard.url)
    path = page.get_by_label("Directory on this server")
    path.fill(str(sink))
    path.press("Tab")
    page.get_by_text("Clusters of “clustered”, which opens with them").wait_for()
    page.get_by_role("button", name="Select", exact=True).click()
    page.get_by_text("Showing 1 of 8").wait_for(timeout=30_000)
    page.get_by_text("“clusters” holds clusters of “clustered”").first.wait_for()
    page.get_by_role("link", name="Clusters").click()
    page.get_by_text("This map is by “captioner run cluster”").wait_for(timeout=60_000)
    page.get_by_text("8 samples in 2 clusters").wait_for()
    page.frame_locator("iframe[title*=plotly_events]").last.locator(".js-plotly-plot").wait_for(timeout=60_000)
    page.screenshot(path=SCREENSHOTS / "table_cluster_sink.png")
