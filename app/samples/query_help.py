"""How queries are written, and what the fields of the query language can be completed with in the open folder."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import replace

import streamlit as st

from app.elements.pick_list import pick_list
from app.samples.scope import set_scope, typed_scope
from app.session.messages import error_boundary, guarded
from app.session.open_dataset import opened
from app.session.state import AppState
from lib.keywords import Haystack, quoted
from lib.keywords.registry import FIELDS
from lib.scope import haystack

_LANGUAGE = """
| write | to find |
|---|---|
| `cat, dog` | any of them (all of them, by a switch) |
| `red sofa` | these letters, side by side |
| `"a, b"` | exactly what is between the quotes |
| `cat, -dog` | a cat, and no dog |
| `(cat OR dog) AND NOT bird` | what it says; the operators are capitals |
| `r*d` | a whole word, any letters for the star |
"""
_FOOT = "\nCapitals and small letters are the same. With regular expressions none of this counts but the commas.\n"

_OFFERED = 12
"""Completions of one field."""


def query_help(state: AppState, on_add: Callable[[str], None] | None = None, *, part: str = "scope") -> None:
    """A popover with the language, and what there is in this folder to put behind a field.

    `on_add` is called with a completion that was clicked; without it that goes to the query of the scope.
    `part` keeps the popovers of one page apart.
    """
    key = f"{part}.help"
    shown = st.popover(
        "How", icon=":material/help:", type="tertiary", help="How the words are read", key=key, on_change="rerun"
    )
    if not shown.open:
        return
    with shown:
        with error_boundary():
            _completions(state, on_add or functools.partial(_add, state), f"{part}.completions")
        st.markdown(language())


def language() -> str:
    """The keyword language as a table: its words, then its fields as they explain themselves."""
    rows = [f"| `{written}` | {finds} |\n" for field in FIELDS.values() for written, finds in field.help]
    return _LANGUAGE + "".join(rows) + _FOOT


def _completions(state: AppState, on_add: Callable[[str], None], key: str) -> None:
    ready = haystack(opened(state)[0])
    rows = [(written, written, f"{count:,}") for written, count in offered(ready)]
    if rows:
        st.caption("In this folder; a click adds it to the query")
        add = guarded(on_add, "samples")
        pick_list(rows, label="Add to the query", key=key, on_pick=add, layout="wrap", verb="Add")


def offered(ready: Haystack) -> Iterator[tuple[str, int]]:
    """What each field can be completed with, as it is written, and how many captions that finds."""
    for name, field in FIELDS.items():
        for value, count in field.values(ready)[:_OFFERED]:
            plain = value.replace("-", "").replace("_", "").isalnum()
            yield f"{name}:{value if plain else quoted(value)}", count


def _add(state: AppState, written: str) -> None:
    scope = typed_scope(state)
    query = scope.query.strip()
    # In brackets, since a comma or an OR would leave the rest of the query without it.
    set_scope(state, replace(scope, query=f"({query}) AND {written}" if query else written, regex=False))
