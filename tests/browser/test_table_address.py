"""A table at an address of a loopback bucket, in Chromium: typed on the start page, copied, opened, edited."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lib.places import place_at
from tests.browser.conftest import SCREENSHOTS, Dashboard
from tests.doubles.bucket import loopback_bucket
from tests.doubles.tables import write_picture_table

Until = Callable[[Callable[[], bool]], None]

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Made before the server is started, which has the bucket's keys and TOOLKIT_URLS from its environment."""
    with loopback_bucket(monkeypatch) as url:
        texts = [f"a {'dog' if number % 3 else 'cat'} on the grass, {number}" for number in range(40)]
        table = write_picture_table(tmp_path_factory.mktemp("made") / "pets.parquet", texts)
        place_at(f"{url}/sets").put("pets.parquet", table)
        monkeypatch.setenv("TOOLKIT_URLS", f"{url}/sets")
        yield f"{url}/sets/pets.parquet"


def type_path(page: Any, text: str) -> None:
    path = page.get_by_label("Directory on this server")
    path.fill(text)
    path.press("Tab")


def test_a_table_in_a_bucket_is_copied_opened_and_edited_in_its_copy(
    address: str, dashboard: Dashboard, page: Any, until: Until
) -> None:
    before = place_at(address.rpartition("/")[0]).read("pets.parquet")
    page.goto(dashboard.url)
    type_path(page, address.replace("/sets/", "/elsewhere/"))
    page.get_by_text("may not be opened on a page").wait_for()
    page.screenshot(path=SCREENSHOTS / "address_refused.png")
    type_path(page, address)
    page.get_by_text("nothing is written to the address").wait_for()
    page.screenshot(path=SCREENSHOTS / "address_start.png")
    page.get_by_role("button", name="Select", exact=True).click()
    page.get_by_text("Showing 1 of 40").wait_for(timeout=60_000)
    box = page.get_by_label("Tag", exact=True)
    until(lambda: box.input_value() == "a cat on the grass, 0")
    box.fill("mine alone")
    page.get_by_role("button", name="Save", exact=True).click()
    kept = "workspace/*/tables/*/*edits/edit-*.parquet"
    until(lambda: len(list(dashboard.home.glob(kept))) == 1)
    page.screenshot(path=SCREENSHOTS / "address_opened.png")
    place = place_at(address.rpartition("/")[0])
    assert [entry.name for entry in place.files()] == ["pets.parquet"]
    assert place.read("pets.parquet") == before
