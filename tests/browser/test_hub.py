"""A dataset goes to the Hugging Face Hub and comes back from it, in Chromium; the Hub is one on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import SCREENSHOTS, Dashboard, serve
from tests.browser.test_export import open_export, settled, some_photos
from tests.doubles.hub_server import TOKEN, HubServer
from tests.exporting.conftest import captions_of

pytestmark = pytest.mark.slow


@pytest.fixture
def server() -> Iterator[HubServer]:
    with HubServer() as made:
        yield made


@pytest.fixture
def dashboard(tmp_path: Path, server: HubServer) -> Iterator[Dashboard]:
    home, photos = tmp_path / "toolkit", tmp_path / "photos"
    home.mkdir()
    photos.mkdir()
    some_photos(photos)
    with serve(home, photos, HF_ENDPOINT=server.url, HF_HUB_OFFLINE="0", HF_HUB_DISABLE_XET="1") as running:
        yield running


def test_out_to_the_hub_and_in_again(page: Any, dashboard: Dashboard, server: HubServer) -> None:
    open_export(page, dashboard, dashboard.photos)
    page.locator("label", has_text="Push to the Hugging Face Hub").click()
    page.get_by_label("Dataset on the Hub").fill("ada/birds")
    page.get_by_label("Hugging Face token").fill("hf_wrongcanary")
    # At once: the field has the focus still.
    page.get_by_role("button", name="Push", exact=True).click()
    page.get_by_text("refused the token").wait_for()
    page.screenshot(path=SCREENSHOTS / "push_refused.png")
    page.get_by_label("Hugging Face token").fill(TOKEN)
    page.get_by_role("button", name="Push", exact=True).click()
    page.get_by_text("3 samples are on the Hub.").wait_for()
    link = page.get_by_role("link", name="Open on the Hub")
    assert link.get_attribute("href") == f"{server.url}/datasets/ada/birds"
    assert server.repositories["ada/birds"].private
    for width, scheme in ((1440, "light"), (1024, "dark")):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 1400})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.screenshot(path=SCREENSHOTS / f"pushed_{width}.png")

    page.get_by_role("radio", name="Import", exact=True).click()
    page.get_by_role("radio", name="Hugging Face Hub").click()
    page.get_by_role("radio", name="A new dataset").click()
    settled(page)
    page.get_by_label("Dataset on the Hub").fill("ada/birds")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("Added: 3. With a caption: 3, without: 0. Into birds").wait_for()
    page.screenshot(path=SCREENSHOTS / "import_hub_1024.png")
    page.get_by_role("button", name="Open it").click()
    page.get_by_text("3 of 3 tagged").wait_for()
    (taken,) = (dashboard.home / "workspace").glob("*/uploads/birds")
    assert sorted(captions_of(taken).values()) == sorted(captions_of(dashboard.photos).values())
    kept = [path for path in [dashboard.log, *dashboard.home.rglob("*")] if path.is_file()]
    assert not [path for path in kept if TOKEN.encode() in path.read_bytes()]


def test_a_token_that_is_left_by_tab_counts(page: Any, dashboard: Dashboard) -> None:
    open_export(page, dashboard, dashboard.photos)
    page.locator("label", has_text="Push to the Hugging Face Hub").click()
    page.get_by_label("Dataset on the Hub").fill("ada/birds")
    page.get_by_label("Hugging Face token").fill(TOKEN)
    # Tab leads to the button that shows the token, and on.
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Push", exact=True).click()
    page.get_by_text("3 samples are on the Hub.").wait_for()
