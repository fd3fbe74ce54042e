"""The guide: its pictures are those that are made, and the messages that it explains are those that are said."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

import pytest
from PIL import Image

from app.session.messages import TITLES
from tests.architecture.test_floors import MODULES
from tests.browser.guide_pictures import GUIDE, MOST_BYTES, SCENES
from tests.doubles.repository import ROOT

PAGES = sorted(GUIDE.glob("*.md"))
TROUBLES = (GUIDE / "troubleshooting.md").read_text(encoding="utf-8")
MESSAGES = re.findall(r"^> (.+)$", TROUBLES, re.MULTILINE)
HEADINGS = re.findall(r"^### (.+)$", TROUBLES, re.MULTILINE)

NO_BOX = ("A bar at the bottom of the window",)
"""What is told, but not in a box with a heading."""


@lru_cache(maxsize=1)
def said() -> str:
    """All texts of the code, one a line, with … for what is filled in."""
    texts = [(ROOT / "app" / "style.css").read_text(encoding="utf-8")]
    for path in MODULES.values():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(re.sub(r"\{[^{}]*\}", "…", node.value))
            elif isinstance(node, ast.JoinedStr):
                texts.append(
                    "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
                )
    return "\n".join(texts)


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_that_is_explained_is_one_that_is_said(message: str) -> None:
    assert message in said()


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_heading_of_the_troubles_is_that_of_a_box(heading: str) -> None:
    if heading not in NO_BOX:
        assert heading in {*TITLES.values(), "Something went wrong"}


def test_troubles_are_explained_at_all() -> None:
    assert len(MESSAGES) > 20
    assert len(set(HEADINGS)) == len(HEADINGS)


def test_the_pictures_are_those_that_are_made_and_each_stands_on_a_page() -> None:
    there = {path.stem for path in GUIDE.glob("*.png")}
    shown = set(re.findall(r"!\[[^\]]+\]\((\w[\w-]*)\.png\)", "\n".join(page.read_text("utf-8") for page in PAGES)))
    assert there == shown == set(SCENES)
    assert len(there) <= 14


@pytest.mark.parametrize("name", SCENES)
def test_a_picture_is_small(name: str) -> None:
    path = GUIDE / f"{name}.png"
    assert path.stat().st_size <= MOST_BYTES
    with Image.open(path) as picture:
        assert picture.size == (1280, 800)


def test_each_page_of_the_guide_is_reached_from_its_first_one_and_that_from_the_readme() -> None:
    first = (GUIDE / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if page.name != "README.md" and f"({page.name})" not in first] == []
    assert "(docs/guide/README.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_begins_with_a_sentence_and_a_picture() -> None:
    lines = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line]
    assert lines[0].startswith("# ")
    assert any(line.startswith("![") and "docs/guide/" in line for line in lines[1:4])
