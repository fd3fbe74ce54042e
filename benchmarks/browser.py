"""What a person waits for in Chromium, with 8,091 drawn pictures: from the key or the click to what is seen then."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.folders import many_photos
from benchmarks.server import CHROMIUM, ROOT, serving
from benchmarks.table import Row

_COUNT = 8_091
_ROUNDS = 9
_PAUSE_MS = 300
_LONGEST_S, _LOOK_EVERY_S = 60.0, 0.01
_FRESH = 3
"""Servers that are started for what is measured at its first time in a process."""
_AT_REST = (
    "document.querySelector('[data-testid=stApp]').getAttribute('data-test-script-state') === 'notRunning'"
    " && !document.body.innerText.includes('Checking images')"
)


def measure(scratch: Path) -> list[Row]:
    from playwright.sync_api import sync_playwright

    # Figures of a busy machine say little.
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", file=sys.stderr, flush=True)
    folder = many_photos(scratch / "browser", _COUNT, width=320, height=240)
    words, maps = [], []
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        for number in range(_FRESH):
            with _opened(browser, scratch, folder) as page:
                words.append(_seconds(page, lambda page=page: _turn_to(page, "Word Cloud", _cloud(page))))
            # On a server of its own: the browser draws the chart of words for a while after the page has come to rest.
            with _opened(browser, scratch, folder) as page:
                maps.append(_seconds(page, lambda page=page: _turn_to(page, "Clusters", _drawn_map(page))))
                if number == _FRESH - 1:
                    rows = [*_on_the_map(page), *_on_tagging(page, folder), *_on_the_filter(page)]
        browser.close()
    first = [("Word Cloud, the first time", words), ("Clusters: a map by words after opening", maps)]
    return [*rows, *(_row(what, taken, 2.0) for what, taken in first)]


def _row(what: str, taken: list[float], limit: float = 0.4) -> Row:
    figure = median(taken)
    return Row(f"{what} ({_COUNT:,} pictures)", figure, "s", f"under {limit:g} s", figure < limit)


@contextmanager
def _opened(browser: Any, scratch: Path, folder: Path) -> Iterator[Any]:
    """The folder on the Tagging page of a server that has just started and remembers nothing, once it is at rest."""
    # A toolkit folder of its own: a map or a count that is kept would be no first one.
    script = ROOT / "app" / "server.py"
    with tempfile.TemporaryDirectory(dir=scratch) as home, serving(script, scratch, home) as (url, _):
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(60_000)
        while True:
            try:
                page.goto(f"{url}/?{urllib.parse.urlencode({'folder': str(folder)})}")
                break
            except Exception:
                time.sleep(0.05)
        page.get_by_text(f"of {_COUNT:,}").first.wait_for()
        page.wait_for_function(_AT_REST)
        yield page
        page.close()


def _seconds(page: Any, work: Callable[[], object]) -> float:
    """How long it takes until it is seen; the page comes to rest before, and the mouse is out of the way."""
    # What was done before may not have begun to run yet.
    page.wait_for_timeout(_PAUSE_MS)
    page.wait_for_function(_AT_REST)
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _is_seen(locator: Any) -> None:
    """Wait for it. Playwright's own wait looks every half second once it has waited for a third of one."""
    end = time.monotonic() + _LONGEST_S
    while not locator.first.is_visible():
        if time.monotonic() > end:
            raise TimeoutError(str(locator))
        time.sleep(_LOOK_EVERY_S)


def _turn_to(page: Any, name: str, seen: Any) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
    _is_seen(seen)


def _cloud(page: Any) -> Any:
    return page.get_by_role("group", name="Word cloud").get_by_role("button")


def _drawn_map(page: Any) -> Any:
    # The frame of a map stands there before the map: with it come the names of its clusters.
    return page.frame_locator("iframe[title*=plotly_events]").last.locator(".js-plotly-plot .annotation-text")


def _heading(page: Any, name: str) -> Any:
    return page.get_by_role("heading", name=name, exact=True)


def _on_the_map(page: Any) -> list[Row]:
    rows = page.locator(".st-key-clusters-overview button")
    opened, tabs, clicked = [], [], []
    for number in range(min(_ROUNDS, rows.count())):
        _tab(page, "Clusters")
        opened.append(_seconds(page, lambda row=rows.nth(number), number=number: _open_cluster(page, row, number)))
    for number in range(_ROUNDS):
        tabs.append(_seconds(page, lambda name=("Sample", "Contents", "Clusters")[number % 3]: _tab(page, name)))
    for number in range(_ROUNDS):
        x, y = _point(page, number)
        before = page.locator(".toolkit-name").all_inner_texts()
        page.mouse.move(x, y)
        clicked.append(_seconds(page, lambda x=x, y=y, before=before: _click_point(page, x, y, before)))
    return [_row("cluster opened", opened), _row("tab of the inspector", tabs), _row("point clicked", clicked)]


def _open_cluster(page: Any, row: Any, number: int) -> None:
    row.click()
    _is_seen(page.get_by_text(re.compile(rf"^Cluster {number} .*: ")))
    _is_seen(page.get_by_role("group", name="Samples").locator("article"))


def _tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()
    _is_seen(page.locator("[role=tab][aria-selected=true]", has_text=name))


def _point(page: Any, number: int) -> tuple[float, float]:
    """Where in the window a point of the map is."""
    plot = page.frame_locator("iframe[title*=plotly_events]").last.locator(".js-plotly-plot")
    box = plot.bounding_box()
    x, y = plot.evaluate(
        "(plot, row) => { const {xaxis, yaxis, _size} = plot._fullLayout, {x, y} = plot.data[row % 3];"
        " return [xaxis.d2p(x[7 * row]) + _size.l, yaxis.d2p(y[7 * row]) + _size.t]; }",
        number,
    )
    return box["x"] + x, box["y"] + y


def _click_point(page: Any, x: float, y: float, before: list[str]) -> None:
    page.mouse.click(x, y)
    other = "before => { const now = [...document.querySelectorAll('.toolkit-name')].map(one => one.innerText);"
    page.wait_for_function(f"{other} return now.length && now.join() !== before.join(); }}", arg=before)


def _on_tagging(page: Any, folder: Path) -> list[Row]:
    _turn_to(page, "Tagging", page.get_by_label("Tag", exact=True))
    following, saved, turned = [], [], []
    for number in range(_ROUNDS):
        following.append(_seconds(page, lambda: _next_image(page)))
        # The name is there a moment before the box has turned to it: what is typed by then belongs to the one before.
        page.wait_for_function(_AT_REST)
        box = page.get_by_label("Tag", exact=True)
        box.fill(f"a dog on the beach, {number}")
        page.get_by_text("not saved yet").wait_for()
        saved.append(_seconds(page, lambda box=box: _save(page, box)))
        box.press("Escape")
    for number in range(_ROUNDS):
        name = ("Bulk Ops", "History", "Export")[number % 3]
        turned.append(_seconds(page, lambda name=name: _turn_to(page, name, _heading(page, name))))
    assert any(path.read_text() == "a dog on the beach, 0" for path in folder.glob("*.txt"))
    return [_row("next image", following), _row("save", saved), _row("another page", turned)]


def _next_image(page: Any) -> None:
    before = page.locator(".toolkit-name").first.inner_text()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("before => document.querySelector('.toolkit-name')?.innerText !== before", arg=before)


def _save(page: Any, box: Any) -> None:
    box.press("Control+s")
    page.wait_for_function("() => !document.body.innerText.includes('not saved yet')")


def _on_the_filter(page: Any) -> list[Row]:
    samples = page.get_by_role("group", name="Samples")
    _turn_to(page, "Keyword Filter", samples.locator("article"))
    pages, typed = [], []
    for number in range(2, 2 + _ROUNDS):
        name = f"photo_{24 * (number - 1):06d}.jpg"
        pages.append(_seconds(page, lambda number=number, name=name: _gallery_page(page, samples, number, name)))
    words = ("beach", "red house", "dog AND beach", "boat, -street", "sunny", "wooden", "cat OR bird", "two", "river")
    for query in words[:_ROUNDS]:
        typed.append(_seconds(page, lambda query=query: _filter(page, query)))
    return [_row("gallery page", pages), _row("filter", typed)]


def _gallery_page(page: Any, samples: Any, number: int, name: str) -> None:
    page.get_by_role("button", name=f"Page {number}", exact=True).click()
    _is_seen(samples.get_by_label(f"Open {name}"))


def _filter(page: Any, query: str) -> None:
    page.get_by_label("Keywords").fill(query)
    _is_seen(page.get_by_text(f"matches {query} · "))
