"""A page is known wherever pages are listed: each place is asked here, so that a new page learns of all of them."""

from __future__ import annotations

import re

import pytest

from app.clusters.contents import PLACES
from tests.architecture.test_floors import MODULES, imported
from tests.doubles.repository import ROOT

PAGES = sorted(path.stem for path in ROOT.joinpath("pages").glob("*.py"))

TAKE_SAMPLES = [page for page in PAGES if "app.samples.scope_bar.scope_bar" in set(imported(MODULES[f"pages.{page}"]))]


def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_its_line_in_the_menu_and_its_row_in_the_readme(page: str) -> None:
    lines = re.findall(rf'Page\("{page}", "([^"]+)"', text_of("app/main.py"))
    assert len(lines) == 1
    assert f"| **{lines[0]}** |" in text_of("README.md")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_its_room_on_the_map(page: str) -> None:
    floors = text_of("docs/architecture.md").split("```")[1]
    assert page in re.split(r"[\s/]+", floors)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_seen_by_axe(page: str) -> None:
    # The start page has no name in its address.
    name = "" if page == "tagging" else page
    assert f'    "{name}": {{' in text_of("tests/browser/test_axe.py")


@pytest.mark.parametrize("page", TAKE_SAMPLES)
def test_every_page_with_a_scope_bar_takes_the_samples_of_a_cluster(page: str) -> None:
    assert page in [name for _, name, _ in PLACES]
