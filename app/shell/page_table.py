"""The pages as a table: a line each in app/main.py says all that the rest of the house has to know of a page."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st
from streamlit.navigation.page import Page as StreamlitPage

from app.session.state import AppState
from app.shell.gate import has_folder, has_images, works_here

Needs = Literal["nothing", "folder", "images"]

_GATES: Mapping[Needs, Callable[[AppState], bool]] = {
    "nothing": lambda state: True,
    "folder": has_folder,
    "images": has_images,
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its recipe is pages/`name`.py, its room app/`name`/.

    `keeps`: "module:Class" of what its room keeps for a session, so that it is there to be told of a rename before the
    page was opened. `needs`: what must be open before the recipe runs; the start screen stands in its place till then.
    """

    name: str
    title: str
    icon: str
    keeps: str = ""
    needs: Needs = "images"


def draw_menu(table: Mapping[str, Sequence[Page]]) -> tuple[StreamlitPage, Page]:
    """Make the menu; gives the page that was asked for. The first one of all is the start page."""
    pages: dict[Page, StreamlitPage] = {}
    for page in (page for group in table.values() for page in group):
        if page.keeps:
            # A class of this kind makes itself known when it is defined.
            importlib.import_module(page.keeps.partition(":")[0])
        icon = f":material/{page.icon}:"
        pages[page] = st.Page(f"../pages/{page.name}.py", title=page.title, icon=icon, default=not pages)
    chosen = st.navigation({title: [pages[page] for page in group] for title, group in table.items()})
    return chosen, next(page for page in pages if pages[page] == chosen)


def is_ready(state: AppState, page: Page) -> bool:
    """True where a page has what it needs; else what stands in its place is shown."""
    return _GATES[page.needs](state) and works_here(state, page.name)
