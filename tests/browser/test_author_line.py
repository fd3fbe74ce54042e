"""The line that tells who wrote a caption, in Chromium: nothing below it moves, whatever it says."""

from __future__ import annotations

from typing import Any

import pytest

from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.domain import Origin
from lib.settings import Settings
from tests.browser.conftest import Dashboard
from tests.doubles.image_folder import image_folder

pytestmark = pytest.mark.slow


def test_the_buttons_stay_where_they_are_whoever_wrote_the_caption(page: Any, dashboard: Dashboard) -> None:
    root = image_folder(dashboard.photos, {"a.jpg": None, "b.jpg": "by others", "c.jpg": ""})
    dataset, settings = open_dataset(root), Settings(home=dashboard.home)
    journal = journal_for(dataset.root, settings)
    prompt = "Describe it. " * 30
    Store(root, journal, "local", settings, dataset).save(
        dataset.records[0], "a cat", "", Origin("generate", "a-model-" * 20, prompt)
    )
    journal.close()
    page.goto(f"{dashboard.url}/?folder={root}")
    line, save = page.locator(".toolkit-author"), page.get_by_role("button", name="Save", exact=True)
    places = []
    for image, said in (("a.jpg", "just now"), ("b.jpg", "Not written here"), ("c.jpg", "")):
        page.locator(".toolkit-name", has_text=image).wait_for()
        line.filter(has_text=said).wait_for()
        if image == "a.jpg":
            assert prompt.strip() in line.get_attribute("title")
        places.append(save.bounding_box()["y"])
        page.get_by_role("button", name="Next", exact=True).click()
    assert places[0] == places[1] == places[2]
