"""A table of more rows than a map can draw, in Chromium: some of them on a map, a cluster, a closer look."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import SCREENSHOTS, Dashboard
from tests.doubles.tables import many_rows, put_on_a_map

pytestmark = pytest.mark.slow
ROWS = 100_500
PATIENCE_MS = 300_000


@pytest.fixture
def table(dashboard: Dashboard) -> Path:
    return many_rows(dashboard.photos / "set/many.parquet", ROWS)


def open_clusters(page: Any, dashboard: Dashboard, table: Path) -> None:
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{dashboard.url}/clusters?folder={table}")
    page.get_by_role("heading", name="Clusters", exact=True).wait_for()


def until(page: Any, condition: Callable[[], bool]) -> None:
    """Wait for something that is drawn by software on a busy machine."""
    ends = time.monotonic() + PATIENCE_MS / 1000
    while not condition():
        assert time.monotonic() < ends, "this did not come true in five minutes"
        page.wait_for_timeout(100)


def drawn(page: Any) -> list[int]:
    """How many points each trace of the map has; empty while there is none, or one is being put in its place."""
    found: list[int] = page.evaluate(
        "() => { const frames = document.querySelectorAll('iframe[title*=plotly_events]');"
        " const plot = frames.length === 1 && frames[0].contentDocument?.querySelector('.js-plotly-plot');"
        " return plot ? plot.data.filter(one => one.type.startsWith('scatter')).map(one => one.x.length) : []; }"
    )
    return found


def spread(page: Any) -> float:
    """How wide the part of the map is that is seen."""
    found: float = page.evaluate(
        "() => { const frames = document.querySelectorAll('iframe[title*=plotly_events]');"
        " const plot = frames.length === 1 && frames[0].contentDocument?.querySelector('.js-plotly-plot');"
        " const ends = plot?._fullLayout?.xaxis?.range; return ends ? ends[1] - ends[0] : 0; }"
    )
    return found


def test_a_map_by_words_shows_some_of_many_rows_and_a_cluster_opens(
    page: Any, dashboard: Dashboard, table: Path
) -> None:
    open_clusters(page, dashboard, table)
    page.get_by_text(f"30,000 of {ROWS:,} shown").wait_for()
    until(page, lambda: 30_000 <= sum(drawn(page)) <= 30_001)
    page.screenshot(path=SCREENSHOTS / "large_table_map.png")
    page.get_by_role("tab", name="Contents", exact=True).click()
    page.get_by_role("button", name="Load Cluster Contents").click()
    page.get_by_role("group", name="Samples").get_by_role("button", name="Open photos/").first.wait_for()
    page.screenshot(path=SCREENSHOTS / "large_table_cluster.png")


def test_a_closer_look_draws_more_of_the_part_that_was_selected_and_goes_back(
    page: Any, dashboard: Dashboard, table: Path
) -> None:
    open_clusters(page, dashboard, put_on_a_map(table))
    page.get_by_text(f"30,000 of {ROWS:,} shown").wait_for()
    until(page, lambda: sum(drawn(page)) == 30_000)
    whole = spread(page)
    assert not page.get_by_role("button", name="Closer look").count()
    page.locator("label", has_text="Select with box or lasso").click()
    frame = page.frame_locator("iframe[title*=plotly_events]").last
    frame.locator(".modebar-btn[data-title*=Lasso]").first.wait_for(state="attached")
    plot = frame.locator(".nsewdrag").bounding_box()
    left, top, middle, half = (
        plot["x"] + 4,
        plot["y"] + 4,
        plot["x"] + plot["width"] / 2,
        plot["y"] + plot["height"] / 2,
    )
    page.mouse.move(left, top)
    page.mouse.down()
    for place in ((middle, top), (middle, half), (left, half), (left, top)):
        page.mouse.move(*place, steps=8)
    page.mouse.up()
    page.get_by_text("Chosen on the map").first.wait_for()
    page.screenshot(path=SCREENSHOTS / "large_table_selected.png")
    page.get_by_role("button", name="Closer look").click()
    # A corner of the square is one cluster: a quarter of all rows, and all of them can be drawn.
    page.get_by_text("in this part shown").wait_for()
    until(page, lambda: 0 < spread(page) < 0.6 * whole)
    page.screenshot(path=SCREENSHOTS / "large_table_closer.png")
    until(page, lambda: 24_000 < sum(drawn(page)) <= 30_000)
    page.get_by_role("button", name="Whole map").click()
    page.get_by_text(f"30,000 of {ROWS:,} shown").wait_for()
    until(page, lambda: spread(page) > 0.9 * whole)
    assert not page.get_by_role("button", name="Whole map").count()
