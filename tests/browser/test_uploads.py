"""An upload that the server does not take, in Chromium."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import SCREENSHOTS, serve
from tests.browser.test_export import to_import

pytestmark = pytest.mark.slow

_SAID = "getComputedStyle(document.querySelector('[data-testid=stFileUploader]'), '::after').content"


def test_a_file_that_is_turned_away_is_told_in_words_and_the_next_one_is_taken(page: Any, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    with (tmp_path / "large.zip").open("wb") as large:
        large.truncate(90_000_000)
    (tmp_path / "small.csv").write_text("file_name,text\n")
    with serve(tmp_path / "home", tmp_path / "photos", TOOLKIT_MEMORY_MB="320") as dashboard:
        page.goto(f"{dashboard.url}/export")
        to_import(page, tmp_path / "large.zip")
        page.wait_for_function(f"{_SAID}.includes('was not taken')")
        page.screenshot(path=SCREENSHOTS / "upload_turned_away.png")
        page.get_by_role("button", name="Remove large.zip").click()
        page.wait_for_function(f"{_SAID} === 'none'")
        page.locator("input[type=file]").set_input_files(tmp_path / "small.csv")
        page.get_by_role("button", name="Look first", disabled=False).wait_for()
        assert page.evaluate(_SAID) == "none"
