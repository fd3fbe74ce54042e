"""What the map is drawn with is in the browser before anybody turns to Clusters, in Chromium."""

from __future__ import annotations

from typing import Any

from PIL import Image

from tests.browser.conftest import Dashboard


def test_the_map_s_script_is_fetched_on_the_first_page_and_not_again_on_clusters(
    page: Any, dashboard: Dashboard
) -> None:
    for number in range(6):
        path = dashboard.photos / f"photo_{number}.jpg"
        Image.new("RGB", (32, 24), (40 * number, 120, 200)).save(path)
        path.with_suffix(".txt").write_text("a dog in the sand" if number % 2 else "a cat by the sea")
    with page.expect_response(lambda answer: "/component/streamlit_plotly_events" in answer.url) as fetched:
        page.goto(f"{dashboard.url}/?folder={dashboard.photos}")
    assert fetched.value.status == 200
    assert "immutable" in fetched.value.headers["cache-control"]
    assert page.get_by_label("Tag", exact=True).is_visible()
    fetched.value.finished()
    page.get_by_role("link", name="Clusters").click()
    frame = page.frame_locator("iframe[title*=plotly_events]")
    frame.locator(".js-plotly-plot .main-svg").first.wait_for()
    sizes = frame.locator("body").evaluate(
        "() => performance.getEntriesByType('resource').filter(one => one.name.includes('/static/js/2.'))"
        ".map(one => one.transferSize)"
    )
    assert sizes == [0]
