"""Over a slow line, in Chromium: what is typed before an answer comes is not wiped by that answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lib.preferences import Preferences
from lib.settings import Settings
from tests.browser.conftest import Dashboard
from tests.doubles.slow_line import Line, slow_line

pytestmark = pytest.mark.slow

Until = Callable[[Callable[[], bool]], None]

SLOW_S = 0.8
"""How late every byte comes, each way: far more than it takes to type a word."""


@pytest.fixture
def photos(dashboard: Dashboard) -> Path:
    for number in range(6):
        path = dashboard.photos / f"photo_{number}.jpg"
        Image.new("RGB", (32, 24), (40 * number, 120, 200)).save(path)
        path.with_suffix(".txt").write_text("a dog in the sand" if number % 2 else "a cat by the sea")
    return dashboard.photos


@contextmanager
def over_a_line(page: Any, dashboard: Dashboard, place: str) -> Iterator[Line]:
    with slow_line(int(dashboard.url.rpartition(":")[2])) as line:
        page.goto(f"http://127.0.0.1:{line.port}/{place}")
        yield line


def at_rest(page: Any) -> None:
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]').getAttribute('data-test-script-state') === 'notRunning'"
    )


@pytest.mark.parametrize(
    ("screen", "label"),
    [("keyword_filter", "Keywords"), ("word_cloud", "Whose tag holds"), ("bulk_ops", "Whose tag holds")],
)
def test_what_is_typed_while_clear_is_answered_stays_and_is_the_query(
    page: Any, dashboard: Dashboard, photos: Path, screen: str, label: str
) -> None:
    with over_a_line(page, dashboard, f"{screen}?folder={photos}&q=dog") as line:
        page.get_by_text("matches dog · 3 of 6").wait_for()
        at_rest(page)
        box = page.get_by_label(label)
        if not box.is_visible():
            page.get_by_role("button", name="change").click()
            box.wait_for()
            at_rest(page)
        line.delay_s = SLOW_S
        page.get_by_role("button", name="Clear").click()
        box.press_sequentially("sea")
        assert box.input_value() == "sea"
        page.get_by_text("matches dog · 3 of 6").wait_for(state="detached")
        page.get_by_text("matches sea · 3 of 6").wait_for()
        assert box.input_value() == "sea"
        box.press_sequentially(" AND dog")
        page.get_by_text("matches sea AND dog · 0 of 6").wait_for()


def test_what_is_typed_after_clear_stays_when_another_button_is_pressed_before_the_answer(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    with over_a_line(page, dashboard, f"keyword_filter?folder={photos}&q=dog") as line:
        page.get_by_text("matches dog · 3 of 6").wait_for()
        at_rest(page)
        box = page.get_by_label("Keywords")
        line.delay_s = SLOW_S
        page.get_by_role("button", name="Clear").click()
        box.press_sequentially("sea")
        page.get_by_role("radio", name="Table").click()
        page.get_by_test_id("stDataFrame").wait_for()
        line.delay_s = 0
        page.get_by_text("matches sea · 3 of 6").wait_for()
        at_rest(page)
        assert box.input_value() == "sea"


def test_what_is_typed_after_the_light_was_cleared_stays_when_another_button_is_pressed(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    with over_a_line(page, dashboard, f"clusters?folder={photos}") as line:
        box = page.get_by_label("Light up samples whose tag holds")
        box.fill("dog")
        page.get_by_text("3 of 6 lit").wait_for()
        at_rest(page)
        line.delay_s = SLOW_S
        page.locator(".st-key-clusters-light-clear button").click()
        assert box.input_value() == ""
        box.press_sequentially("sand")
        page.get_by_role("tab", name="Contents").click()
        page.get_by_role("tab", name="Clusters").click()
        line.delay_s = 0
        page.get_by_text("3 of 6 lit").wait_for()
        at_rest(page)
        assert box.input_value() == "sand"


def test_the_name_of_the_next_filter_stays_when_the_answer_to_save_empties_the_box(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    kept = Preferences(Settings(home=dashboard.home).owner_folder("local"))
    with over_a_line(page, dashboard, f"keyword_filter?folder={photos}&q=dog") as line:
        page.get_by_text("matches dog · 3 of 6").wait_for()
        page.get_by_role("button", name="Saved filters").click()
        name = page.get_by_label("Name for this filter")
        name.fill("dogs")
        at_rest(page)
        line.delay_s = SLOW_S
        page.get_by_role("button", name="Save this filter").click()
        name.fill("more dogs")
        # Left, and so sent, while the answer is under way.
        name.press("Tab")
        until(lambda: "dogs" in kept.filters())
        page.get_by_role("combobox", name="Delete one").wait_for()
        at_rest(page)
        assert name.input_value() == "more dogs"
        page.get_by_role("button", name="Save this filter").click()
        until(lambda: "more dogs" in kept.filters())
        # That answer is to what was done after the typing.
        until(lambda: name.input_value() == "")


def test_the_next_stop_word_stays_when_the_answer_to_the_first_empties_the_box(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    with over_a_line(page, dashboard, f"word_cloud?folder={photos}") as line:
        page.get_by_role("group", name="Word cloud").get_by_role("button", name="dog: 3").wait_for()
        page.get_by_role("button", name="Stop words").click()
        field = page.get_by_label("Words, with commas between")
        field.fill("dog")
        at_rest(page)
        line.delay_s = SLOW_S
        field.press("Enter")
        field.fill("sea")
        field.press("Tab")
        page.get_by_text("Left out beside the usual ones").wait_for()
        assert field.input_value() == "sea"
        field.press("Enter")
        page.get_by_text("dog, sea", exact=True).wait_for()


def test_a_saved_filter_takes_the_place_of_what_was_typed_before_it(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    Preferences(Settings(home=dashboard.home).owner_folder("local")).save_filter("cats", {"q": "cat"})
    with over_a_line(page, dashboard, f"keyword_filter?folder={photos}") as line:
        box = page.get_by_label("Keywords")
        page.get_by_role("button", name="Saved filters").wait_for()
        at_rest(page)
        line.delay_s = SLOW_S
        box.press_sequentially("dog")
        page.get_by_role("button", name="Saved filters").click()
        page.get_by_role("button", name="cats").click()
        page.get_by_text("matches cat · 3 of 6").wait_for()
        assert box.input_value() == "cat"
