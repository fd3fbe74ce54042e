"""What a person does on the Word Cloud page, in Chromium."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lib.settings import Settings
from tests.browser.conftest import SCREENSHOTS, Dashboard, open_scope
from tests.browser.test_export import settled
from tests.doubles.clusters import keep_clusters


@pytest.fixture
def photos(dashboard: Dashboard) -> Path:
    for number in range(30):
        path = dashboard.photos / ("beach" if number % 3 == 0 else "") / f"photo_{number:02d}.jpg"
        path.parent.mkdir(exist_ok=True)
        Image.new("RGB", (160, 120), (8 * number, 120, 200)).save(path)
        path.with_suffix(".txt").write_text("sand and water" if number % 3 == 0 else f"a dog runs on grass {number}")
    return dashboard.photos


def load(page: Any, dashboard: Dashboard) -> None:
    page.goto(f"{dashboard.url}/word_cloud?folder={dashboard.photos}")
    page.get_by_role("heading", name="Word Cloud").wait_for()
    # The cloud is drawn on opening; a click that comes before it has moved the list would hit another row.
    page.get_by_role("group", name="Word cloud").get_by_role("button", name="dog").wait_for()
    page.get_by_role("button", name="Load Word Cloud").click()
    settled(page)
    page.get_by_role("button", name="CSV", exact=True).wait_for()


def bar(page: Any, word: str) -> Any:
    return page.locator(f"[data-testid=stVegaLiteChart] path[aria-label*='word: {word}']")


@pytest.mark.slow
def test_a_bar_shows_its_samples_which_become_the_scope_of_bulk_ops(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    load(page, dashboard)
    page.screenshot(path=SCREENSHOTS / "word_cloud.png", full_page=True)
    bar(page, "sand").click()
    samples = page.get_by_role("group", name="Samples")
    samples.locator("mark").first.wait_for()
    assert samples.locator("article").count() == 10
    assert set(samples.locator("mark").all_inner_texts()) == {"sand"}
    page.screenshot(path=SCREENSHOTS / "word_cloud_samples.png", full_page=True)
    page.get_by_role("button", name="Use as scope").click()
    page.get_by_text("with “sand” · 10 of 30").wait_for()
    page.get_by_role("link", name="Bulk Ops").click()
    page.get_by_role("heading", name="Bulk Ops").wait_for()
    page.get_by_text("with “sand” · 10 of 30").wait_for()


def test_a_cluster_is_chosen_and_all_are_shown_side_by_side_page_by_page(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    names = sorted(path.relative_to(photos).as_posix() for path in photos.rglob("*.jpg"))
    beach = [name for name in names if name.startswith("beach/")]
    others = [name for name in names if name not in beach]
    keep_clusters(Settings(home=dashboard.home), photos, [beach, *([name] for name in others)])
    page.goto(f"{dashboard.url}/word_cloud?folder={photos}")
    page.get_by_role("combobox", name="Cluster number").click()
    page.get_by_role("option", name="Tags: 0 – word0 (10)").click()
    page.get_by_role("combobox", name="Side by side").click()
    page.get_by_role("option", name="Clusters of tags").click()
    page.get_by_role("button", name="Load Word Cloud").click()
    page.get_by_text("Cluster 0 – word0: 10 captions").wait_for()
    cloud = page.get_by_role("group", name="Word cloud of 11 – word11, 1 caption")
    cloud.wait_for()
    page.screenshot(path=SCREENSHOTS / "word_cloud_clusters.png", full_page=True)
    page.get_by_role("button", name="Page 2").click()
    page.get_by_role("group", name="Word cloud of 20 – word20").wait_for()
    assert cloud.count() == 0


@pytest.mark.slow
def test_a_word_of_one_of_several_clouds_shows_the_samples_of_its_group_beside_it(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    load(page, dashboard)
    page.get_by_role("combobox", name="Side by side").click()
    page.get_by_role("option", name="Folders").click()
    page.get_by_role("button", name="Load Word Cloud").click()
    cloud = page.get_by_role("group", name="Word cloud of beach, 10 captions. Most frequent: sand in 10, water in 10")
    sand = cloud.get_by_role("button", name="sand: 10 times in 10 samples")
    sand.focus()
    sand.press("ArrowRight")
    water = cloud.get_by_role("button", name="water: 10 times in 10 samples")
    assert water.evaluate("word => word === word.getRootNode().activeElement")
    before = cloud.locator("svg").bounding_box()
    water.press("Enter")
    samples = page.get_by_role("group", name="Samples")
    samples.locator("mark").first.wait_for()
    assert set(samples.locator("mark").all_inner_texts()) == {"water"}
    page.get_by_text("“water” · beach").wait_for()
    assert water.get_attribute("aria-pressed") == "true"
    assert cloud.locator("svg").bounding_box() == before
    assert samples.bounding_box()["y"] < 1000
    page.get_by_role("radio", name="One cloud").click()
    page.get_by_role("group", name="Word cloud", exact=True).get_by_role("button", name="dog: 20").wait_for()


def test_a_row_of_the_list_shows_its_samples(page: Any, dashboard: Dashboard, photos: Path) -> None:
    load(page, dashboard)
    table = page.get_by_test_id("stDataFrame")
    table.wait_for()
    size = table.bounding_box()
    # The box at the start of the first row: "dog" and "grass" and "runs" stand in 20 captions each.
    page.mouse.click(size["x"] + 18, size["y"] + 35 + 17)
    page.get_by_text("“dog”").wait_for()
    page.get_by_text("20 times in 20 samples", exact=True).wait_for()


@pytest.mark.slow
@pytest.mark.parametrize("width", [1440, 1024])
def test_load_keeps_its_place_and_every_chart_its_name(
    page: Any, dashboard: Dashboard, photos: Path, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 1000})
    names = sorted(path.relative_to(photos).as_posix() for path in photos.rglob("*.jpg"))
    keep_clusters(Settings(home=dashboard.home), photos, [names[:10], names[10:]])
    page.goto(f"{dashboard.url}/word_cloud?folder={photos}&q=sand")
    page.get_by_role("combobox", name="Compare with").click()
    page.get_by_role("option", name="The rest of the folder").click()
    page.get_by_role("combobox", name="Side by side").click()
    page.get_by_role("option", name="Folders").click()
    begin, stop = page.get_by_role("button", name="Load Word Cloud"), page.get_by_role("button", name="Stop words")
    assert begin.bounding_box()["x"] < stop.bounding_box()["x"]
    assert abs(begin.bounding_box()["y"] - stop.bounding_box()["y"]) < 4
    begin.click()
    # Until then the bars are those of the count that the page began with.
    page.get_by_role("radio", name="Typical words").wait_for()
    bar(page, "water").click()
    samples = page.get_by_role("group", name="Samples")
    samples.locator("mark").first.wait_for()
    page.screenshot(path=SCREENSHOTS / f"word_cloud_bar_{width}.png", full_page=True)
    for name in ("Top words", "Side by side", "Typical words", "Statistics"):
        button = page.get_by_role("radio", name=name).bounding_box()
        assert button["x"] + button["width"] < samples.bounding_box()["x"], name
    page.get_by_role("radio", name="Typical words").click()
    bar(page, "dog").click()
    page.get_by_text("“dog” · The rest of the folder").wait_for()
    page.get_by_text("20 times in 20 samples", exact=True).wait_for()


def test_downloads_are_the_picture_and_the_list(page: Any, dashboard: Dashboard, photos: Path, tmp_path: Path) -> None:
    load(page, dashboard)
    kept = {}
    for name in ("PNG", "SVG", "CSV"):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=name, exact=True).click()
        waiting.value.save_as(tmp_path / name)
        kept[name] = (tmp_path / name).read_bytes()
    assert kept["PNG"].startswith(b"\x89PNG")
    assert kept["SVG"].lstrip().startswith(b"<svg")
    assert kept["CSV"].decode("utf-8-sig").splitlines()[:2] == ["word,count,samples", "dog,20,20"]


@pytest.mark.slow
def test_the_scope_is_compared_with_the_rest_and_folders_stand_side_by_side(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    load(page, dashboard)
    open_scope(page)
    page.get_by_label("Whose tag holds").fill("sand")
    page.get_by_text("matches sand · 10 of 30").wait_for()
    page.get_by_text("have changed since").wait_for()
    page.get_by_label("Compare with").click()
    page.get_by_role("option", name="The rest of the folder").click()
    page.get_by_label("Side by side").click()
    page.get_by_role("option", name="Folders").click()
    page.get_by_role("button", name="Load Word Cloud").click()
    page.get_by_role("radio", name="Typical words").click()
    bar(page, "water").wait_for()
    bar(page, "dog").wait_for()
    page.screenshot(path=SCREENSHOTS / "word_cloud_typical.png", full_page=True)
    page.get_by_role("group", name="Word cloud of beach, 10 captions").wait_for()


@pytest.mark.slow
def test_switches_of_a_link_stay_on_whatever_else_is_clicked(page: Any, dashboard: Dashboard, photos: Path) -> None:
    (photos / "photo_01.txt").write_text("dogs run on grass")
    page.goto(f"{dashboard.url}/word_cloud?folder={photos}&q=dog&q_whole=1")
    page.get_by_text("matches dog (whole words) · 19 of 30").wait_for()
    page.get_by_role("radio", name="Pairs").click()
    open_scope(page)
    page.get_by_text("Every keyword").click()
    page.get_by_text("matches every keyword of dog (whole words) · 19 of 30").wait_for()
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("matches every keyword of dog (whole words) · 19 of 30").wait_for(state="hidden")
    page.get_by_role("radio", name="Single words").click()
    page.get_by_label("Whose tag holds").fill("dog")
    page.get_by_text("matches dog · 20 of 30").wait_for()
    page.get_by_role("link", name="Tagging").click()
    page.get_by_text("20 of 30").wait_for()
    page.get_by_role("button", name="filter_alt").click()
    page.get_by_role("heading", name="Keyword Filter").wait_for()
    page.get_by_text("matches dog · 20 of 30").wait_for()


def test_the_cloud_is_drawn_on_opening_and_its_words_are_walked_and_clicked(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    page.goto(f"{dashboard.url}/word_cloud?folder={photos}")
    cloud = page.get_by_role("group", name="Word cloud")
    dog = cloud.get_by_role("button", name="dog: 20 times in 20 samples")
    dog.focus()
    dog.press("ArrowRight")
    grass = cloud.get_by_role("button", name="grass: 20 times in 20 samples")
    assert grass.evaluate("word => word === word.getRootNode().activeElement")
    before = cloud.locator("svg").bounding_box()
    grass.press("Enter")
    samples = page.get_by_role("group", name="Samples")
    samples.locator("mark").first.wait_for()
    assert set(samples.locator("mark").all_inner_texts()) == {"grass"}
    assert samples.bounding_box()["y"] < 1000
    assert cloud.locator("svg").bounding_box() == before
    assert grass.get_attribute("aria-pressed") == "true"
    page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Close").click()
    cloud.get_by_role("button", name="sand: 10 times in 10 samples").click()
    page.get_by_text("10 times in 10 samples", exact=True).wait_for()
    samples.locator("mark").first.wait_for()
    assert set(samples.locator("mark").all_inner_texts()) == {"sand"}


@pytest.mark.slow
def test_enter_leaves_a_stop_word_out(page: Any, dashboard: Dashboard, photos: Path) -> None:
    page.goto(f"{dashboard.url}/word_cloud?folder={photos}")
    page.get_by_role("group", name="Word cloud").get_by_role("button", name="dog: 20").wait_for()
    page.get_by_role("button", name="Stop words").click()
    field = page.get_by_label("Words, with commas between")
    field.fill("dog")
    field.press("Enter")
    page.get_by_text("Left out beside the usual ones").wait_for()
    page.get_by_text("have changed since").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Load Word Cloud").click()
    page.get_by_role("group", name="Word cloud").get_by_role("button", name="dog: 20").wait_for(state="detached")
    page.get_by_role("group", name="Word cloud").get_by_role("button", name="grass: 20").wait_for()
