"""What a person does on the Clusters page, in Chromium."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lib.dataset.saving.open_journal import journal_for
from lib.settings import Settings
from tests.browser.conftest import SCREENSHOTS, Dashboard

Until = Callable[[Callable[[], bool]], None]

KINDS = ("a cat sleeps on a red sofa", "two dogs run on the beach", "a bus stands in a busy street")


@pytest.fixture
def photos(dashboard: Dashboard) -> Path:
    """Thirty photos of three kinds, as their captions tell."""
    for number in range(30):
        Image.new("RGB", (160, 120), (8 * number, 120, 200)).save(dashboard.photos / f"p{number:02d}.jpg")
        text = f"{KINDS[number % 3]}, photo {number}"
        (dashboard.photos / f"p{number:02d}.txt").write_text(text)
    return dashboard.photos


def load(page: Any, dashboard: Dashboard, folder: Path) -> Any:
    """Make three clusters without a model, as the page offers where there is none; gives the map's frame."""
    page.goto(f"{dashboard.url}/clusters?folder={folder}")
    number = page.get_by_role("spinbutton", name="Exactly")
    number.fill("3")
    page.get_by_role("button", name="Load", exact=True).click()
    page.get_by_text("The model is not on this machine", exact=True).wait_for()
    page.get_by_role("button", name="Use TF-IDF instead").click()
    page.get_by_text("in 3 clusters").wait_for()
    frame = page.frame_locator("iframe[title*=plotly_events]").last
    # What stood there before, or a quick map, is drawn anew a moment later: a place measured on it would be off.
    page.get_by_text("Arranging the map").wait_for(state="detached")
    page.wait_for_function(
        "() => { const [map, ...more] = document.querySelectorAll('iframe[title*=plotly_events]');"
        " return map && !more.length && map.contentDocument?.querySelector('.js-plotly-plot')?.data?.length === 4; }"
    )
    points(frame).first.wait_for()
    return frame


def points(frame: Any) -> Any:
    return frame.locator(".scatterlayer .point")


def centre(page: Any, point: Any) -> tuple[float, float]:
    box = point.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def turn_to(page: Any, tab: str) -> None:
    """Bring a tab of the inspector to the front."""
    page.get_by_role("tab", name=tab, exact=True).click()
    page.locator("[role=tab][aria-selected=true]", has_text=tab).wait_for()


def load_contents(page: Any) -> None:
    turn_to(page, "Contents")
    page.get_by_role("button", name="Load Cluster Contents").click()


def seen_range(frame: Any) -> list[float]:
    """What part of the map is seen: both ends of its first axis."""
    found: list[float] = frame.locator(".js-plotly-plot").evaluate("plot => plot._fullLayout.xaxis.range.slice()")
    return found


def tag_box(page: Any) -> Any:
    return page.get_by_label("Tag", exact=True)


def test_a_point_is_hovered_clicked_and_its_tag_edited_on_disk(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    frame = load(page, dashboard, photos)
    assert points(frame).count() == 30
    page.mouse.move(*centre(page, points(frame).nth(4)))
    hover = frame.locator(".hoverlayer .hovertext")
    hover.wait_for()
    # The caption on the first lines, the file's name on the last.
    name = hover.locator("tspan").last.text_content()
    caption = (photos / name).with_suffix(".txt").read_text()
    assert caption in hover.text_content()
    page.mouse.click(*centre(page, points(frame).nth(4)))
    box = tag_box(page)
    until(lambda: box.count() > 0 and box.input_value() == caption)
    page.locator(".toolkit-name", has_text=name).wait_for()
    page.screenshot(path=SCREENSHOTS / "clusters_map.png")
    box.fill("a kitten sleeps")
    page.get_by_role("button", name="Save", exact=True).click()
    until(lambda: (photos / name).with_suffix(".txt").read_text() == "a kitten sleeps")
    page.get_by_text("1 changed since").wait_for()
    entries = journal_for(photos, Settings(home=dashboard.home)).operations()
    assert [entry.kind for entry in entries if entry.kind != "create"] == ["edit"]


def test_a_lasso_loads_what_it_encloses_and_sends_it_to_bulk_ops(page: Any, dashboard: Dashboard, photos: Path) -> None:
    frame = load(page, dashboard, photos)
    page.locator("label", has_text="Select with box or lasso").click()
    frame.locator(".modebar-btn[data-title*=Lasso]").first.wait_for(state="attached")
    points(frame).first.wait_for()
    plot = frame.locator(".nsewdrag").bounding_box()
    left, top = plot["x"] + 2, plot["y"] + 2
    right, bottom = plot["x"] + plot["width"] - 2, plot["y"] + plot["height"] - 2
    page.mouse.move(left, top)
    page.mouse.down()
    for place in ((right, top), (right, bottom), (left, bottom), (left, top)):
        page.mouse.move(*place, steps=8)
    page.mouse.up()
    page.get_by_text("Chosen on the map: 30 samples").wait_for()
    page.get_by_role("button", name="Open p00.jpg").wait_for()
    page.get_by_role("button", name="Use as scope in").click()
    page.get_by_role("button", name="Bulk Ops").click()
    page.get_by_role("heading", name="Bulk Ops").wait_for()
    page.get_by_text("Chosen on the map").first.wait_for()


@pytest.mark.slow
def test_cluster_contents_are_edited_in_the_gallery_and_the_same_point_opens_again(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    frame = load(page, dashboard, photos)
    box = tag_box(page)
    page.mouse.click(*centre(page, points(frame).first))
    until(lambda: box.count() > 0)
    first = box.input_value()
    load_contents(page)
    card = page.get_by_role("button", name="Open p").nth(3)
    name = (card.get_attribute("aria-label") or "").removeprefix("Open ")
    card.click()
    until(lambda: box.count() == 1 and box.input_value() == (photos / name).with_suffix(".txt").read_text())
    assert box.input_value() != first
    box.fill("something else entirely")
    page.get_by_role("button", name="Save", exact=True).click()
    turn_to(page, "Contents")
    page.get_by_role("group", name="Samples").get_by_text("something else entirely").wait_for()
    page.screenshot(path=SCREENSHOTS / "clusters_contents.png")
    assert (photos / name).with_suffix(".txt").read_text() == "something else entirely"
    points(frame).first.scroll_into_view_if_needed()
    page.mouse.click(*centre(page, points(frame).first))
    until(lambda: box.count() == 1 and box.input_value() == first)


@pytest.mark.slow
def test_the_cluster_number_shows_the_names_of_the_new_clusters(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    load(page, dashboard, photos)
    turn_to(page, "Contents")
    number = page.get_by_label("Cluster number").last
    names = page.locator("[aria-label=Clusters] button")

    def is_open() -> bool:
        # A run of the page, as when what changed since is known, closes a list that is open.
        if not page.get_by_role("option").count():
            number.click()
            page.wait_for_timeout(300)
        return page.get_by_role("option").count() == 3

    until(is_open)
    page.get_by_role("option").nth(2).click()
    page.get_by_role("spinbutton", name="Exactly").fill("5")
    page.get_by_role("button", name="Load", exact=True).click()
    page.get_by_text("in 5 clusters").wait_for()
    until(lambda: names.count() == 5)

    def plain(text: str | None) -> str:
        return re.sub(r"[ ()–]", "", text or "")

    until(lambda: plain(number.input_value()) == plain(names.nth(0).text_content()))
    assert number.input_value().startswith("0 ")
    load_contents(page)
    page.get_by_text(re.compile(r"Cluster 0 .+ samples?$")).wait_for()


def test_what_is_being_typed_outlives_a_run_of_the_page(page: Any, dashboard: Dashboard, photos: Path) -> None:
    page.goto(f"{dashboard.url}/clusters?folder={photos}")
    number = page.get_by_role("spinbutton", name="Exactly")
    number.fill("3")
    # This is told by a run of the page that nobody asked for.
    page.get_by_text("Load will try to fetch it").wait_for()
    page.wait_for_timeout(500)
    assert number.input_value() == "3"


@pytest.mark.slow
def test_two_tabs_keep_what_was_loaded_in_each(page: Any, dashboard: Dashboard, photos: Path) -> None:
    load(page, dashboard, photos)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_text("in 3 clusters").wait_for()
    other.get_by_role("spinbutton", name="Exactly").fill("6")
    other.get_by_role("button", name="Load", exact=True).click()
    other.get_by_text("in 6 clusters").wait_for()
    # A tab that nobody looks at is slow to draw.
    page.bring_to_front()
    load_contents(page)
    page.get_by_role("group", name="Samples").wait_for()
    assert page.get_by_text("in 3 clusters").count() == 1
    assert page.get_by_role("spinbutton", name="Exactly").input_value() == "3"
    page.reload()
    page.get_by_text("in 6 clusters").wait_for()


def test_the_assignment_is_downloaded_as_csv(page: Any, dashboard: Dashboard, photos: Path) -> None:
    load(page, dashboard, photos)
    with page.expect_download() as download:
        page.get_by_role("button", name="Assignment as CSV").click()
    assert download.value.suggested_filename == "clusters-tags-3.csv"
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    assert [row["image"] for row in rows] == [f"p{number:02d}.jpg" for number in range(30)]
    assert {row["cluster"] for row in rows} == {"0", "1", "2"}


@pytest.mark.slow
def test_clusters_outlive_a_restart_and_other_pages(page: Any, dashboard: Dashboard, photos: Path) -> None:
    load(page, dashboard, photos)
    page.get_by_role("link", name="Tagging").click()
    page.get_by_text("Showing 1 of").wait_for()
    page.get_by_role("button", name="Visualize Data").click()
    page.get_by_text("in 3 clusters").wait_for()
    page.reload()
    page.get_by_text("in 3 clusters").wait_for()


@pytest.mark.slow
def test_a_caption_on_the_map_is_shown_but_neither_run_nor_fetched(page: Any, dashboard: Dashboard) -> None:
    evil = "<img src=x onerror='parent.hit=1'><a href='javascript:parent.hit=1'>link</a> <script>parent.hit=1</script>"
    for number in range(6):
        Image.new("RGB", (60, 40), "red").save(dashboard.photos / f"<b onclick=x>{number}.jpg")
        (dashboard.photos / f"<b onclick=x>{number}.txt").write_text(
            evil + " ![x](http://127.0.0.1:9/b) " + KINDS[number % 3]
        )
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    frame = load(page, dashboard, dashboard.photos)
    page.mouse.move(*centre(page, points(frame).first))
    frame.locator(".hoverlayer .hovertext", has_text="<img src=x").wait_for()
    assert frame.locator(".hoverlayer a").count() == 0
    load_contents(page)
    page.get_by_role("button", name="Open <b").first.wait_for()
    page.wait_for_timeout(500)
    assert page.evaluate("window.hit") is None
    assert not [url for url in requests if not url.startswith((dashboard.url, "data:", "blob:", "ws"))]


@pytest.mark.slow
def test_words_light_up_on_the_map_where_it_stands(page: Any, dashboard: Dashboard, photos: Path, until: Until) -> None:
    load(page, dashboard, photos)
    element = page.locator("iframe[title*=plotly_events]").element_handle()
    page.get_by_label("Light up samples whose tag holds").press_sequentially("dogs", delay=80)
    page.get_by_text("10 of 30").wait_for()
    # Drawn in another element the map would jump, and forget where it was moved to.
    assert element.evaluate("element => element.isConnected")
    page.get_by_text("10 of 10").wait_for()
    page.screenshot(path=SCREENSHOTS / "clusters_lit.png")
    page.get_by_text("10 of 10").click()
    page.get_by_role("group", name="Samples").wait_for()
    until(lambda: "dogs" in page.get_by_label("Cluster number").input_value())


@pytest.mark.slow
def test_a_click_on_the_map_right_after_typing_opens_that_sample(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    """The message of the text box reaches the server after the click, with what the list of samples held before."""
    # Tall enough for map and text box, so that nothing scrolls in between.
    page.set_viewport_size({"width": 1440, "height": 2400})
    frame = load(page, dashboard, photos)
    load_contents(page)
    page.get_by_role("group", name="Samples").get_by_role("img").first.click()
    tag_box(page).click()
    opened = page.locator(".toolkit-name").inner_text().split()[0]
    # A point of another cluster than the one that was loaded, with the mouse upon it already.
    page.mouse.move(*centre(page, points(frame).nth(29)))
    frame.locator(".hoverlayer .hovertext").wait_for()
    page.keyboard.type(" more")
    page.mouse.down()
    page.mouse.up()
    names, first = page.locator(".toolkit-name"), page.locator(".toolkit-name", has_text=opened)
    until(lambda: (names.count(), first.count()) == (1, 0))
    page.wait_for_timeout(1500)
    assert (names.count(), first.count()) == (1, 0)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1920, 1080), (1280, 720)])
def test_map_and_inspector_fill_the_window_and_nothing_lies_below(
    page: Any, dashboard: Dashboard, photos: Path, until: Until, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    load(page, dashboard, photos)
    window = page.locator("[data-testid=stMain]")
    until(lambda: window.evaluate("main => main.scrollHeight <= main.clientHeight"))
    until(lambda: page.locator("iframe[title*=plotly_events]").bounding_box()["height"] > height - 270)
    list_box = page.get_by_role("group", name="Clusters", exact=True).bounding_box()
    assert list_box["x"] + list_box["width"] <= width
    assert list_box["y"] + list_box["height"] <= height


@pytest.mark.slow
def test_where_the_map_was_moved_to_outlives_a_new_number_and_a_click(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    frame = load(page, dashboard, photos)
    whole, element = seen_range(frame), page.locator("iframe[title*=plotly_events]").element_handle()
    page.mouse.move(*centre(page, frame.locator(".nsewdrag")))
    page.mouse.wheel(0, -300)
    until(lambda: seen_range(frame)[1] - seen_range(frame)[0] < 0.97 * (whole[1] - whole[0]))
    page.wait_for_timeout(500)
    moved = seen_range(frame)
    page.get_by_role("spinbutton", name="Exactly").fill("4")
    page.get_by_role("button", name="Load", exact=True).click()
    page.get_by_text("in 4 clusters").wait_for()
    until(lambda: frame.locator(".js-plotly-plot").evaluate("plot => plot.data.length") == 5)
    assert seen_range(frame) == pytest.approx(moved)
    page.get_by_role("group", name="Clusters", exact=True).get_by_role("button").first.click()
    page.get_by_role("group", name="Samples").wait_for()
    assert seen_range(frame) == pytest.approx(moved)
    assert element.evaluate("element => element.isConnected")


@pytest.mark.slow
def test_a_row_under_the_mouse_dims_the_rest_until_the_mouse_leaves_the_list(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    frame = load(page, dashboard, photos)

    def bright() -> int:
        traces = "plot => plot.data.map(one => (one.selectedpoints ?? one.x).length)"
        return sum(frame.locator(".js-plotly-plot").evaluate(traces)[:3])

    # The mouse rests where it pressed a button; a row may have come there.
    page.mouse.move(600, 5)
    until(lambda: bright() == 30)
    page.get_by_role("group", name="Clusters", exact=True).get_by_role("button").nth(1).hover()
    until(lambda: bright() == 10)
    page.mouse.move(600, 5)
    until(lambda: bright() == 30)


@pytest.mark.slow
def test_the_chosen_point_wears_a_ring(page: Any, dashboard: Dashboard, photos: Path, until: Until) -> None:
    frame = load(page, dashboard, photos)
    page.mouse.click(*centre(page, points(frame).nth(4)))
    tag_box(page).wait_for()
    until(lambda: frame.locator(".js-plotly-plot").evaluate("plot => plot.data.at(-1).x.length") == 1)
    # Drawn round the point that was clicked, to the pixel.
    ring = points(frame).last
    assert centre(page, ring) == pytest.approx(centre(page, points(frame).nth(4)), abs=1)


@pytest.mark.slow
@pytest.mark.parametrize("width", [900, 1440])
def test_both_curves_of_a_suggestion_are_seen_whole(page: Any, dashboard: Dashboard, photos: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{dashboard.url}/clusters?folder={photos}")
    page.get_by_text("in 8 clusters").wait_for()
    page.get_by_role("button", name="Suggest k").click()
    panel = page.get_by_test_id("stPopoverBody")
    panel.get_by_role("button", name="Suggest", exact=True).click()
    panel.get_by_role("button", name="Try TF-IDF instead").click()
    panel.get_by_role("button", name="Use ").wait_for()
    panel.get_by_text("Number of clusters").nth(1).wait_for(state="attached")
    box = panel.bounding_box()
    for number in range(panel.get_by_test_id("stVegaLiteChart").count()):
        chart = panel.get_by_test_id("stVegaLiteChart").nth(number).locator("svg, canvas").first.bounding_box()
        assert box["x"] <= chart["x"]
        assert chart["x"] + chart["width"] <= box["x"] + box["width"]
    assert panel.get_by_test_id("stVegaLiteChart").count()
