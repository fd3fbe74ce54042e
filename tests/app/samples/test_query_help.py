"""The help beside a query: written by the fields themselves, with what there is in the open folder."""

from __future__ import annotations

import pytest

from app.samples import query_help
from app.samples.query_help import language, offered
from app.samples.scope import records_in_scope, set_scope
from app.session.state import AppState
from lib.keywords import Haystack, parse
from lib.keywords.registry import FIELDS
from lib.scope import Scope, haystack


def test_every_field_stands_in_the_help() -> None:
    table = language()
    for field in FIELDS.values():
        for written, finds in field.help:
            assert f"| `{written}` | {finds} |" in table


def test_what_is_offered_finds_as_many_captions_as_stand_beside_it(state: AppState) -> None:
    assert state.dataset is not None
    ready: Haystack = haystack(state.dataset)
    rows = dict(offered(ready))
    assert rows == {"folder:sub": 1, "by:nobody": 3}
    for written, count in rows.items():
        assert len(parse(written).find(ready)) == count


@pytest.mark.parametrize(("query", "count"), [("", 3), ("cat", 1), ("cat, dog", 2), ("boat OR dog", 2)])
def test_a_click_narrows_whatever_query_is_there(state: AppState, query: str, count: int) -> None:
    set_scope(state, Scope(query=query))
    query_help._add(state, "by:nobody")
    assert len(records_in_scope(state)) == count
    query_help._add(state, "folder:sub")
    assert len(records_in_scope(state)) == (1 if query in ("", "boat OR dog") else 0)
