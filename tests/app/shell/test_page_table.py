"""A page's line in app/main.py is all that the rest of the house has to know of it."""

from __future__ import annotations

import ast
from importlib import import_module

import pytest

from app.session.state import RoomState
from app.shell.page_table import Page
from tests.doubles.repository import ROOT


def table() -> list[Page]:
    """The page table, without running app/main.py."""
    tree = ast.parse((ROOT / "app" / "main.py").read_text(encoding="utf-8"))
    (value,) = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "PAGES"
    ]
    groups = eval(compile(ast.Expression(value), "main.py", "eval"), {"Page": Page})
    return [page for group in groups.values() for page in group]


@pytest.mark.parametrize("page", table(), ids=lambda page: page.name)
def test_each_page_has_a_recipe_a_room_and_the_state_that_it_names(page: Page) -> None:
    assert (ROOT / "pages" / f"{page.name}.py").is_file()
    assert (ROOT / "app" / page.name).is_dir()
    assert page.needs in ("nothing", "folder", "images")
    if page.keeps:
        module, _, name = page.keeps.partition(":")
        assert issubclass(getattr(import_module(module), name), RoomState)


def test_each_recipe_and_each_state_of_a_page_room_is_in_the_table() -> None:
    assert {page.name for page in table()} == {path.stem for path in (ROOT / "pages").glob("*.py")}
    with_state = {path.parent.name for path in (ROOT / "app").glob("*/state.py")} - {"session", "samples"}
    assert {page.name for page in table() if page.keeps} == with_state
