"""The strip of small pictures below the photo: clicks while it moves, in Chromium."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Dashboard
from tests.browser.test_tagging import in_the_middle, open_photos, photos, shown

__all__ = ["photos"]

pytestmark = pytest.mark.slow


def at_the_eleventh(page: Any, dashboard: Dashboard) -> None:
    open_photos(page, dashboard)
    page.get_by_placeholder("Number or name").fill("11")
    page.get_by_placeholder("Number or name").press("Enter")
    shown(page, 10)


def click_once_it_moves(filmstrip: Any, place: int) -> None:
    filmstrip.evaluate(
        "(list, place) => { const one = list.children[place], before = one.title;"
        " new MutationObserver((_, it) => { if (one.title !== before) { it.disconnect(); one.click(); } })"
        ".observe(one, { attributeFilter: ['title'] }); }",
        place,
    )


def test_a_click_just_as_the_filmstrip_moves_is_about_what_stood_there(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    at_the_eleventh(page, dashboard)
    filmstrip = in_the_middle(page, 10)
    # 5 to 15 are shown: at place 8 stands 13, then 14.
    click_once_it_moves(filmstrip, 8)
    page.get_by_role("button", name="Next", exact=True).click()
    shown(page, 13)
    in_the_middle(page, 13)


def test_quick_clicks_at_one_place_of_the_filmstrip_walk_along_it(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    at_the_eleventh(page, dashboard)
    page.reload()
    filmstrip = in_the_middle(page, 10)
    click_once_it_moves(filmstrip, 6)
    filmstrip.locator("button").nth(6).click()
    shown(page, 12)
