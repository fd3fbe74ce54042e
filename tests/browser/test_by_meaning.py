"""Finding by meaning, in Chromium, with the real model for captions and none for pictures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.conftest import SCREENSHOTS, Dashboard, serve
from tests.browser.test_back import CLOCK
from tests.browser.test_restarts import settled
from tests.doubles.minilm import minilm

pytestmark = pytest.mark.slow

Until = Callable[[Callable[[], bool]], None]

CAPTIONS = ("a puppy runs over a meadow", "a truck on a wet road", "two people eat soup", "a boat on a quiet lake")


@pytest.fixture
def dashboard(tmp_path: Path) -> Iterator[Dashboard]:
    """Forty photos of four kinds, as their captions tell, on a server that has a model for captions."""
    home, photos = tmp_path / "toolkit", tmp_path / "photos"
    home.mkdir()
    photos.mkdir()
    for number in range(40):
        path = photos / f"p{number:02d}.jpg"
        Image.effect_noise((160, 120), 20 + 2 * number).convert("RGB").save(path)
        path.with_suffix(".txt").write_text(f"{CAPTIONS[number % 4]}, number {number}")
    with serve(home, photos, TOOLKIT_SBERT=str(minilm()), TOOLKIT_RESNET50V2="/nowhere/w.h5") as running:
        yield running


def names(page: Any) -> list[str]:
    found = page.get_by_role("group", name="Samples").locator("article label span").all_inner_texts()
    return [str(name) for name in found]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_other_words_find_the_same_thing_become_the_scope_and_lead_on(
    page: Any, dashboard: Dashboard, theme: str, until: Until
) -> None:
    page.emulate_media(color_scheme=theme)
    page.set_default_timeout(60_000)
    page.goto(f"{dashboard.url}/keyword_filter?folder={dashboard.photos}")
    page.get_by_text("By meaning").click()
    box = page.get_by_label("What is to be seen")
    box.fill("a small dog plays on grass")
    page.get_by_text("the best first").wait_for()
    dogs = {f"p{number:02d}.jpg" for number in range(0, 40, 4)}
    until(lambda: set(names(page)[:10]) == dogs)
    page.screenshot(path=SCREENSHOTS / f"by_meaning_{theme}.png")
    # What is in memory answers at once, the page's own time included.
    start = time.monotonic()
    box.fill("lorry")
    lorries = {f"p{number:02d}.jpg" for number in range(1, 40, 4)}
    until(lambda: set(names(page)[:10]) == lorries)
    assert time.monotonic() - start < 5
    page.get_by_role("button", name="Load filtered samples").click()
    page.get_by_text("The 40 nearest to “lorry” · 40 of 40").wait_for()
    page.get_by_label("Open p01.jpg").click()
    page.get_by_role("button", name="by caption").click()
    page.get_by_text("Most like p01.jpg by caption").wait_for()
    until(lambda: set(names(page)[:9]) == lorries - {"p01.jpg"})
    page.screenshot(path=SCREENSHOTS / f"more_like_this_{theme}.png")
    page.get_by_role("button", name="by picture", exact=True).click()
    page.get_by_role("button", name="Find by keywords instead").click()
    page.get_by_label("Keywords").wait_for()


def test_a_refresh_and_back_bring_the_search_again(page: Any, dashboard: Dashboard, until: Until) -> None:
    page.set_default_timeout(60_000)
    page.add_init_script(CLOCK)
    page.goto(f"{dashboard.url}/keyword_filter?folder={dashboard.photos}")
    page.get_by_text("By meaning").click()
    box = page.get_by_label("What is to be seen")
    dogs, lorries = ({f"p{number:02d}.jpg" for number in range(first, 40, 4)} for first in (0, 1))
    box.fill("a small dog plays on grass")
    page.get_by_text("the best first").wait_for()
    until(lambda: set(names(page)[:10]) == dogs)
    page.wait_for_url("**near=a+small+dog+plays+on+grass**")
    page.reload()
    page.get_by_text("the best first").wait_for()
    until(lambda: set(names(page)[:10]) == dogs)
    assert box.input_value() == "a small dog plays on grass"
    settled(page)
    page.evaluate("window.skipped += 10000")
    box.fill("lorry")
    until(lambda: set(names(page)[:10]) == lorries)
    page.wait_for_url("**near=lorry**")
    settled(page)
    page.screenshot(path=SCREENSHOTS / "by_meaning_address.png")
    page.go_back()
    until(lambda: set(names(page)[:10]) == dogs)
    assert box.input_value() == "a small dog plays on grass"
    page.go_forward()
    until(lambda: set(names(page)[:10]) == lorries)
