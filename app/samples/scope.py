"""Which images the next action is about: what the scope bar holds, and the records that it selects."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from heapq import merge
from typing import Any

import streamlit as st

from app.session.jobs import SERVER, SOON, JobKey, start
from app.session.open_dataset import keep_selection, opened, preferences
from app.session.state import AppState, Selected
from lib.dataset.base import Dataset
from lib.domain import ImageRecord, Selection
from lib.errors import InvalidInput
from lib.jobs.runner import Job
from lib.records import places_among
from lib.scope import Scope, from_params, haystack, look_in, query_of, version_of

LEFT_OUT = "left_out:yes"
"""The query that shows what is left out."""

KEYS = {
    "tagged": "scope.tagged",
    "query": "scope.query",
    "every_keyword": "scope.every_keyword",
    "whole_words": "scope.whole_words",
    "regex": "scope.regex",
    "folder": "scope.folder",
    "has_problems": "scope.has_problems",
}
"""The fields of the scope bar, by the part of the scope that they hold."""


def typed_scope(state: AppState) -> Scope:
    """What the scope bar shows: the scope, or what was typed instead and cannot be used."""
    return state.refused.scope if state.refused is not None else state.scope


def take_scope(state: AppState, **parts: Any) -> Scope:
    """Take over what the scope bar holds; every action that has a scope begins with it.

    `parts`: what else of the scope is to change with it. Streamlit may run a button's callback before that of a field
    that was filled in just before the click. Raises InvalidInput for a query that cannot be used; the scope is then
    still the last good one.
    """
    held = {part: st.session_state[key] for part, key in KEYS.items() if key in st.session_state}
    # A field that was emptied holds None.
    parts |= {part: "" if value is None else value for part, value in held.items()}
    wanted = replace(typed_scope(state), **parts)
    chosen = select_again(state, wanted, state.selected, state.refused)
    if chosen.refusal is not None:
        state.refused = chosen
        raise chosen.refusal.with_traceback(None)
    state.scope, state.selected, state.refused = wanted, chosen, None
    return wanted


def awaited(state: AppState) -> Job | None:
    """What a query waits for: that of the scope bar, or that of the scope."""
    chosen = (state.refused, state.selected)
    return next((one.waits_for for one in chosen if one is not None and one.waits_for is not None), None)


def set_scope(state: AppState, scope: Scope) -> None:
    """Make this the scope, whatever the scope bar holds; for callbacks.

    Chosen images are kept under their id, so that a link may carry them. Raises where they cannot; the scope is set
    all the same, since what is pressed next must not be about all images.
    """
    state.scope, state.refused = scope, None
    for part, key in KEYS.items():
        # The field's own callback may come after this one. To say again what the field holds would wipe out what was
        # typed there meanwhile.
        if key in st.session_state and st.session_state[key] != getattr(scope, part):
            st.session_state[key] = getattr(scope, part)
    if scope.names is not None:
        keep_selection(state, Selection(scope.names, scope.label))


def clear_scope(state: AppState) -> None:
    """All images again."""
    set_scope(state, Scope())


def saved_scope(state: AppState, name: str) -> Scope:
    """The scope of a saved filter. Raises InvalidInput where it is gone."""
    params = preferences(state).filters().get(name)
    if params is None:
        raise InvalidInput("This filter is not there any more.", "Another tab of yours has deleted it.")
    return from_params(params, preferences(state).selection)


def records_in_scope(state: AppState) -> Sequence[ImageRecord]:
    """The records that the scope selects now. Raises InvalidInput for a query that cannot be used."""
    return selected(state).records


def selected(state: AppState) -> Selected:
    """What the scope selects now. Raises InvalidInput for a query that cannot be used."""
    state.selected = select_again(state, state.scope, state.selected, state.refused)
    if state.selected.refusal is not None:
        raise state.selected.refusal.with_traceback(None)
    return state.selected


def left_out_now(state: AppState) -> Sequence[ImageRecord]:
    """The images that would be in scope if they were not left out; none for a query that cannot be used."""
    try:
        return selected(state).left_out
    except InvalidInput:
        return []


def show_left_out(state: AppState) -> None:
    """Make what is left out of the scope the scope; its other conditions stay."""
    scope = typed_scope(state)
    query = "" if scope.regex else scope.query.strip()
    # In brackets, since a comma or an OR would leave the rest of the query without it.
    set_scope(state, replace(scope, query=f"({query}) AND {LEFT_OUT}" if query else LEFT_OUT, regex=False))


def select_again(state: AppState, scope: Scope, *before: Selected | None) -> Selected:
    """What a scope selects now, or why it cannot; the same as `before` while nothing has changed."""
    dataset = opened(state)[0]
    try:
        # Read before the records: a change in between is then looked at again, not missed.
        version = version_of(dataset)
    except InvalidInput as error:
        return Selected(dataset, (dataset.version, 0, 0), scope, refusal=error)
    for known in before:
        if known is None or known.dataset is not dataset or (known.version, known.scope) != (version, scope):
            continue
        if known.waits_for is None or known.waits_for.is_active:
            return known
    try:
        counting = _counting_tokens(state, scope, dataset)
        if counting is None:
            found = look_in(scope, dataset)
            return Selected(dataset, version, scope, found.records, found.left_out)
        refusal = InvalidInput("The tokens of all captions are still being counted.", "The search goes on by itself.")
        return Selected(dataset, version, scope, refusal=refusal, waits_for=counting)
    except InvalidInput as error:
        return Selected(dataset, version, scope, refusal=error)


def _counting_tokens(state: AppState, scope: Scope, dataset: Dataset) -> Job | None:
    """The job that a query has to wait for: tokens are counted once, which takes seconds where captions are many."""
    if not scope.query.strip() or not query_of(scope).counts_tokens or not (ready := haystack(dataset)).uncounted:
        return None

    def work(job: Job) -> None:
        for place in range(len(ready)):
            ready.tokens(place)

    key = JobKey("count tokens", SERVER, dataset.root, id(ready))
    job = start(key, "Counting tokens", work, wait=SOON)
    return job if job.is_active else None


def walk(state: AppState) -> list[int] | range:
    """The places in the open folder that Previous and Next go through, in their order.

    What is left out is among them: it is looked at like any other image, and marked as such.
    """
    dataset, _ = opened(state)
    if state.scope == Scope():
        return range(len(dataset))
    chosen = selected(state)
    if chosen.places is None:
        there = dataset.snapshot()
        places = (places_among(some, there) for some in (chosen.records, chosen.left_out) if some)
        chosen.places = list(merge(*places))
    return chosen.places


def step(places: list[int] | range, place: int, by: int) -> int | None:
    """The place that is `by` steps from another one, round the ends; that one need not be among the places."""
    if not places:
        return None
    at = bisect_right(places, place) - 1 + by if by > 0 else bisect_left(places, place) + by
    return places[at % len(places)]
