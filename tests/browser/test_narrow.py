"""A window of half the width, as at 200 %, where the sidebar is folded away."""

from __future__ import annotations

from typing import Any

import pytest

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
