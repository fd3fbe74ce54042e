"""A text that the server cannot keep stays in its box and is sent again, also where a shortcut came with it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Dashboard
from tests.browser.test_tagging import Until, box, open_photos, photos, shown

pytestmark = pytest.mark.slow

__all__ = ["photos"]

_REFUSE = "CREATE TRIGGER refuse BEFORE INSERT ON drafts BEGIN INSERT INTO nowhere VALUES (1); END"


def kept(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as reader:
        return [row[0] for row in reader.execute("SELECT text FROM drafts")]


@pytest.mark.parametrize("shortcut", ["", "Control+s"])
def test_a_text_that_cannot_be_kept_stays_in_the_box_and_is_kept_later_on(
    page: Any, dashboard: Dashboard, photos: Path, until: Until, shortcut: str
) -> None:
    open_photos(page, dashboard)
    shown(page, 0)
    (file,) = (dashboard.home / "owners").rglob("preferences.sqlite")
    # As on a full disk: what is there can be read, and a draft cannot be written.
    with closing(sqlite3.connect(file)) as full, full:
        full.execute(_REFUSE)
    box(page).press("End")
    box(page).press_sequentially(" typed")
    if shortcut:
        box(page).press(shortcut)
    page.get_by_text("a text that you typed is still in its box").wait_for()
    assert box(page).input_value() == "text 0 typed"
    assert kept(file) == []
    with closing(sqlite3.connect(file)) as free, free:
        free.execute("DROP TRIGGER refuse")
    until(lambda: kept(file) == ["text 0 typed"])
    page.get_by_text("a text that you typed is still in its box").wait_for(state="hidden")
    assert box(page).input_value() == "text 0 typed"
    # What was asked for while it could not be kept is not done at some later moment.
    assert (photos / "photo_00.txt").read_text() == "text 0"
    box(page).press("Control+s")
    until(lambda: (photos / "photo_00.txt").read_text() == "text 0 typed")
