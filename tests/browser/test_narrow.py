"""A window of half the width, as at 200 %, where the sidebar is folded away."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from lib.dataset.sample.folder import make_sample
from tests.browser.conftest import Dashboard


@pytest.mark.parametrize(("screen", "first"), [("", ".st-key-scope-line"), ("bulk_ops", "h1"), ("clusters", "h1")])
def test_the_bar_with_the_button_that_unfolds_it_lies_over_nothing(
    page: Any, dashboard: Dashboard, screen: str, first: str
) -> None:
    page.set_viewport_size({"width": 720, "height": 450})
    page.goto(f"{dashboard.url}/{screen}?folder={make_sample(dashboard.photos / 'sample', 4)}")
    page.get_by_test_id("stExpandSidebarButton").wait_for()
    page.locator(first).first.wait_for()
    lower = "document.querySelector('[data-testid=stHeader]').getBoundingClientRect().bottom"
    page.wait_for_function(
        f"name => document.querySelector(name).getBoundingClientRect().top >= {lower}", arg=first, timeout=5000
    )


@pytest.mark.parametrize("width", [900, 1280, 1440])
def test_what_stands_below_the_map_is_within_it(page: Any, dashboard: Dashboard, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(f"{dashboard.url}/clusters?folder={make_sample(dashboard.photos / 'sample', 30)}")
    for button in ("Assignment as CSV", "Images against tags"):
        page.get_by_role("button", name=button).wait_for()
    inside = (
        "() => { const map = document.querySelector('.st-key-clusters-map').getBoundingClientRect();"
        " const seen = one => { const box = one.getBoundingClientRect();"
        " return box.right <= map.right + 1 && box.bottom <= window.innerHeight; };"
        " return [...document.querySelectorAll('.st-key-clusters-below button, .st-key-clusters-map"
        " [data-testid=stCaptionContainer]')].every(seen); }"
    )
    page.wait_for_function(inside)


def test_the_row_of_buttons_above_the_picture_keeps_to_one_line(page: Any, dashboard: Dashboard) -> None:
    folder = dashboard.photos / "many"
    folder.mkdir()
    for number in range(1_200):
        (folder / f"{number:04}.jpg").write_bytes(b"not a picture")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{dashboard.url}/?folder={folder}")
    page.get_by_text("Showing 1 of 1,200").wait_for()
    one_line = (
        "() => { const tops = ['.st-key-tagging-next', '.st-key-tagging-visualize', '.st-key-tagging-keys']"
        ".map(name => document.querySelector(name)?.getBoundingClientRect().top);"
        " return tops.every(top => top > 0 && Math.abs(top - tops[0]) < 4); }"
    )
    page.get_by_role("button", name="Visualize Data").wait_for()
    page.wait_for_function(one_line)


@pytest.mark.parametrize("width", [1280, 1420])
def test_what_stands_below_the_text_keeps_its_place_at_the_first_letter(
    page: Any, dashboard: Dashboard, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{dashboard.url}/?folder={make_sample(dashboard.photos / 'sample', 30)}")
    generate = page.get_by_role("button", name="Generate", exact=True)
    before = generate.bounding_box()["y"]
    page.get_by_label("Tag", exact=True).press_sequentially("a")
    page.get_by_role("button", name="Undo typing").wait_for()
    page.wait_for_function(
        "before => { const one = [...document.querySelectorAll('button')].find(b => b.innerText.endsWith('Generate'));"
        " return Math.abs(one.getBoundingClientRect().y - before) < 2; }",
        arg=before,
    )


def test_a_draft_that_is_told_leaves_the_row_of_buttons_one_line(page: Any, dashboard: Dashboard) -> None:
    page.set_viewport_size({"width": 1264, "height": 800})
    page.goto(f"{dashboard.url}/?folder={make_sample(dashboard.photos / 'sample', 300)}")
    page.get_by_label("Tag", exact=True).press_sequentially("a")
    page.get_by_role("button", name="1 draft").wait_for()
    page.wait_for_function(
        "() => { const [next, keys] = ['.st-key-tagging-next', '.st-key-tagging-keys']"
        ".map(name => document.querySelector(name)?.getBoundingClientRect().top);"
        " return next > 0 && Math.abs(next - keys) < 4; }"
    )


@pytest.mark.parametrize("width", [1280, 1440, 1920])
def test_the_title_line_of_the_review_is_whole_and_low(page: Any, dashboard: Dashboard, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{dashboard.url}/review?folder={make_sample(dashboard.photos / 'sample', 6)}")
    page.get_by_text("captions measured · pictures not").wait_for()
    # Longer than it usually is: a count of thousands, and what changed since.
    page.locator(".st-key-review-measured p").evaluate(
        "e => e.textContent = '" + "1,234 captions measured · " * 3 + "'"
    )
    whole = (
        "() => { const bar = document.querySelector('.st-key-review-bar');"
        " const cut = [...bar.querySelectorAll('h1, p')].some(e => e.scrollWidth > e.clientWidth + 1);"
        " const lines = bar.querySelector('.st-key-review-measured p').getClientRects().length;"
        " return !cut && bar.getBoundingClientRect().height < 80 && lines === 1; }"
    )
    page.wait_for_function(whole)


def test_the_first_samples_of_a_cluster_are_seen_in_a_small_window(page: Any, dashboard: Dashboard) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{dashboard.url}/clusters?folder={make_sample(dashboard.photos / 'sample', 100)}")
    page.get_by_role("group", name="Clusters").get_by_role("button").first.click()
    page.get_by_role("group", name="Samples").locator("img").first.wait_for()
    page.wait_for_function(
        "() => document.querySelector('.st-key-clusters-contents-pages').getBoundingClientRect().bottom"
        " - document.querySelector('.st-key-clusters-contents-choice').getBoundingClientRect().top < 290"
    )


def test_many_kinds_of_findings_scroll_beside_the_one_that_is_looked_at(page: Any, dashboard: Dashboard) -> None:
    faults = [
        "", "I'm sorry, but I cannot describe this picture.", "Sure! Here is a caption: a cat sits on a sofa.",
        "A dog runs along the <b>wide</b> beach.", "Un chien court sur la plage avec une balle dans la bouche.",
        "A man sits on a bench and", "A boat. A boat. A boat. A boat. A boat. A boat.", "CafÃ© tables stand outside.",
        "A child &amp; a ball in the yard.", "word " * 120,
    ]  # fmt: skip
    folder = dashboard.photos / "faults"
    folder.mkdir()
    for number, text in enumerate([*faults, *[f"A bus number {n} stands in a busy street." for n in range(10)]]):
        Image.effect_noise((96, 96), 40 + number).convert("RGB").save(folder / f"p{number:02}.jpg")
        (folder / f"p{number:02}.txt").write_text(text, encoding="utf-8")
    page.set_viewport_size({"width": 1280, "height": 480})
    page.goto(f"{dashboard.url}/review?folder={folder}")
    kinds = page.get_by_role("navigation", name="Findings").get_by_role("button")
    kinds.nth(8).click()
    page.locator(".toolkit-finding").filter(has_text="1 of ").wait_for()
    page.wait_for_function(
        "() => { const main = document.querySelector('[data-testid=stMain]');"
        " const finding = document.querySelector('.toolkit-finding').getBoundingClientRect();"
        " return main.scrollHeight <= window.innerHeight && finding.top > 0 && finding.bottom < window.innerHeight; }"
    )
