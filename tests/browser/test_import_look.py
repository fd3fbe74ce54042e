"""A person looks at what an import would bring, chooses, and imports it, in Chromium."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lib.settings import Settings
from tests.browser.conftest import SCREENSHOTS, Dashboard
from tests.browser.test_export import settled, to_import

pytestmark = pytest.mark.slow


def some_zip(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "brought.zip", "w") as archive:
        for number, name in enumerate(["a.jpg", "b.jpg", "c.png"]):
            path = folder / name
            Image.new("RGB", (320, 240), (60 * number, 120, 200)).save(path)
            archive.write(path, name)
        archive.writestr("a.caption", "A girl stands on a hill, <b>alone</b>.")
        archive.writestr("a.txt", "1girl, solo, hill")
        archive.writestr("captions.csv", "file_name,text\nb.jpg,ein Kätzchen\ngone.jpg,of no image\n")
        archive.writestr("film.mp4", b"no picture")
    return folder / "brought.zip"


def test_an_upload_is_looked_at_a_caption_chosen_and_then_imported(
    page: Any, dashboard: Dashboard, tmp_path: Path
) -> None:
    Image.new("RGB", (320, 240), (10, 10, 200)).save(dashboard.photos / "old.jpg")
    page.goto(f"{dashboard.url}/export?folder={dashboard.photos}")
    to_import(page, some_zip(tmp_path))
    settled(page)
    page.get_by_role("button", name="Look first").click()
    panel = page.locator(".st-key-import-look")
    panel.get_by_text("Found: 3 images, 2 of them with a caption").wait_for()
    panel.get_by_text("A girl stands on a hill, <b>alone</b>.").wait_for()
    assert sorted(path.name for path in dashboard.photos.iterdir() if path.suffix) == ["old.jpg"]
    for width, scheme in ((1024, "light"), (1440, "dark")):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 1500})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.screenshot(path=SCREENSHOTS / f"import_look_{scheme}.png")
    panel.get_by_label("Of several captions").click()
    page.get_by_role("option", name="What stands in .txt files").click()
    panel.get_by_text("1girl, solo, hill").wait_for()
    panel.get_by_text("A girl stands").wait_for(state="hidden")
    panel.get_by_role("button", name="Import it").click()
    page.get_by_text("Added: 3. With a caption: 2, without: 1.").wait_for()
    assert (dashboard.photos / "a.txt").read_text() == "1girl, solo, hill"
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=SCREENSHOTS / f"import_account_{scheme}.png")


def test_what_was_looked_at_and_let_go_leaves_nothing(page: Any, dashboard: Dashboard, tmp_path: Path) -> None:
    page.goto(f"{dashboard.url}/export")
    to_import(page, some_zip(tmp_path))
    settled(page)
    page.get_by_role("button", name="Look first").click()
    page.get_by_text("Found: 3 images").wait_for()
    page.get_by_role("button", name="Let it go").click()
    page.get_by_text("Found: 3 images").wait_for(state="hidden")
    workspace = Settings(home=dashboard.home).home / "workspace"
    assert [path for path in workspace.rglob("*") if path.is_file() and path.name == "brought.zip"] == []
