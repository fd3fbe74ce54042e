"""axe-core on states of pages that one comes to by a click: what is opened then breaks no rule either."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lib.dataset.sample.folder import make_sample
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.dataset.tag_files.sidecar import hash_of
from lib.settings import Settings
from tests.browser.conftest import SCREENSHOTS, Dashboard
from tests.browser.test_axe import at_rest, axe, violations  # noqa: F401
from tests.browser.test_export import settled, to_import
from tests.browser.test_import_look import some_zip

pytestmark = pytest.mark.axe

# Rule and where: what the gallery breaks wherever it stands, as test_axe.py lists it.
_GALLERY = {"label-content-name-mismatch": 'button[aria-label="Open '}


def cluster_open(page: Any, dashboard: Dashboard, folder: Path, scratch: Path) -> None:
    page.goto(f"{dashboard.url}/clusters?folder={folder}")
    page.locator(".st-key-clusters-overview button").first.click(timeout=60_000)
    page.get_by_role("group", name="Samples").locator("article").first.wait_for()


def samples_of_a_word(page: Any, dashboard: Dashboard, folder: Path, scratch: Path) -> None:
    page.goto(f"{dashboard.url}/word_cloud?folder={folder}")
    # By its key: the middle of a large word may be where a small one stands.
    page.get_by_role("group", name="Word cloud").get_by_role("button").first.press("Enter")
    page.get_by_role("group", name="Samples").locator("mark").first.wait_for()


def clouds_side_by_side(page: Any, dashboard: Dashboard, folder: Path, scratch: Path) -> None:
    page.goto(f"{dashboard.url}/word_cloud?folder={folder}&q=red")
    page.get_by_role("group", name="Word cloud").wait_for()
    page.get_by_role("combobox", name="Compare with").click()
    page.get_by_role("option", name="The rest of the folder").click()
    page.get_by_role("button", name="Load Word Cloud").click()
    page.get_by_role("group", name="Word cloud of The rest of the folder").wait_for()


def look_of_an_import(page: Any, dashboard: Dashboard, folder: Path, scratch: Path) -> None:
    page.goto(f"{dashboard.url}/export?folder={folder}")
    to_import(page, some_zip(scratch))
    settled(page)
    page.get_by_role("button", name="Look first").click()
    page.locator(".st-key-import-look").get_by_role("button", name="Import it").wait_for()


def row_of_the_history(page: Any, dashboard: Dashboard, folder: Path, scratch: Path) -> None:
    settings = Settings(home=dashboard.home, roots=[str(dashboard.photos)])
    journal, dataset = journal_for(folder, settings), open_dataset(folder)
    record = dataset.snapshot()[0]
    Store(folder, journal, "local", settings, dataset).save(
        record, "another caption", hash_of((folder / record.sidecar).read_bytes())
    )
    journal.close()
    page.goto(f"{dashboard.url}/history?folder={folder}")
    page.get_by_role("group", name="Operations").get_by_role("button").first.click()
    page.get_by_text("another caption").first.wait_for()


def menu_of_the_filters(page: Any, dashboard: Dashboard, folder: Path, scratch: Path) -> None:
    page.goto(f"{dashboard.url}/keyword_filter?folder={folder}")
    page.get_by_role("group", name="Samples").locator("article").first.wait_for()
    at_rest(page)
    page.get_by_role("button", name="Saved filters").click()
    page.get_by_text("Name for this filter").wait_for()


def menu_of_the_number(page: Any, dashboard: Dashboard, folder: Path, scratch: Path) -> None:
    page.goto(f"{dashboard.url}/clusters?folder={folder}")
    page.locator(".st-key-clusters-overview button").first.wait_for(timeout=60_000)
    at_rest(page)
    page.get_by_role("button", name="Suggest k").click()
    page.get_by_text("Tries every number").wait_for()


def a_suggestion(page: Any, dashboard: Dashboard, folder: Path, scratch: Path) -> None:
    menu_of_the_number(page, dashboard, folder, scratch)
    page.get_by_role("button", name="Suggest", exact=True).click()
    page.get_by_role("button", name="Try TF-IDF instead").click()
    page.get_by_role("button", name="Use ").wait_for(timeout=60_000)
    page.get_by_test_id("stVegaLiteChart").nth(1).locator("svg, canvas").first.wait_for()


STATES: dict[str, tuple[Callable[[Any, Dashboard, Path, Path], None], Mapping[str, str]]] = {
    "a cluster open": (cluster_open, _GALLERY),
    "samples of a word": (samples_of_a_word, _GALLERY),
    "clouds side by side": (clouds_side_by_side, {}),
    "the look of an import": (look_of_an_import, {}),
    "the menu of saved filters": (menu_of_the_filters, _GALLERY),
    "the menu of the number of clusters": (menu_of_the_number, {}),
    "a suggested number": (a_suggestion, {}),
    "a row of the history": (row_of_the_history, {}),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", STATES)
def test_what_a_click_opens_breaks_no_rule_but_the_known_ones(
    page: Any,
    dashboard: Dashboard,
    axe: str,  # noqa: F811
    tmp_path: Path,
    name: str,
    scheme: str,
) -> None:
    page.emulate_media(color_scheme=scheme)
    come_to, known = STATES[name]
    scratch = tmp_path / "brought"
    scratch.mkdir()
    come_to(page, dashboard, make_sample(dashboard.photos / "sample", 12), scratch)
    at_rest(page)
    page.screenshot(path=SCREENSHOTS / f"axe {name} {scheme}.png")
    broken = violations(page, axe)
    unknown = {
        rule: places
        for rule, places in broken.items()
        if rule not in known or not all(known[rule] in place for place in places)
    }
    assert not unknown, json.dumps(unknown, indent=1)
