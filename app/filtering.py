"""What the Keyword Filter page knows of a scope: its hits, its counts, an order, and the filters kept for its owner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from app.cluster_choices import GROUPINGS, kept_clusters, kept_groupings, numbers_of
from app.opening import preferences
from app.scoping import selected, set_scope
from app.state import AppState
from lib.dataset.ordering import by_cluster, by_length, newest_first
from lib.domain import ImageRecord, Selection
from lib.errors import InvalidInput
from lib.keywords import Query, parse
from lib.scope import Scope, from_params, haystack, to_params

ORDERS = ("Name", "Shortest text", "Longest text", "Newest change")


def query_of(scope: Scope) -> Query | None:
    """A scope's query, None where it has none or one that cannot be read."""
    try:
        return parse(scope.query, all=scope.every_keyword, whole_words=scope.whole_words, regex=scope.regex)
    except InvalidInput:
        return None


def hits_of(scope: Scope) -> Callable[[str], list[tuple[int, int]]] | None:
    """What finds the places in a caption that a scope's query is about."""
    query = query_of(scope)
    if query is None:
        return None

    def spans(text: str) -> list[tuple[int, int]]:
        # A pattern that is too slow for one caption costs the marks in it, not the page.
        with suppress(InvalidInput):
            return query.spans(text)
        return []

    return spans


def keyword_counts(state: AppState) -> list[tuple[str, int]]:
    """How many captions of the whole folder each keyword alone is true of; nothing for a single keyword.

    Raises InvalidInput for a pattern that is too slow.
    """
    query, chosen = query_of(state.scope), selected(state)
    if query is None or len(query.terms) < 2:
        return []
    if chosen.counts is None:
        chosen.counts = query.counts(haystack(chosen.dataset))
    return chosen.counts


def orders(state: AppState) -> list[str]:
    """What samples can be sorted by: by clusters too, where there are any."""
    return [*ORDERS, *kept_groupings(state)]


def in_order(state: AppState, order: str) -> Sequence[ImageRecord]:
    """The records in scope in one of the `orders`."""
    chosen = selected(state)
    if order == "Name":
        return chosen.records
    if order in GROUPINGS:
        result = kept_clusters(state)[GROUPINGS[order]]
        if result not in chosen.ordered:
            chosen.ordered[result] = by_cluster(chosen.records, numbers_of(result))
        return chosen.ordered[result]
    if order not in chosen.ordered:
        if order == "Newest change":
            chosen.ordered[order] = newest_first(chosen.dataset.root, chosen.records)
        else:
            chosen.ordered[order] = by_length(chosen.records, longest_first=order == "Longest text")
    return chosen.ordered[order]


def cluster_note(state: AppState, order: str) -> Callable[[ImageRecord], str] | None:
    """What tells the cluster of a sample, where they are sorted by clusters."""
    if order not in GROUPINGS:
        return None
    numbers = numbers_of(kept_clusters(state)[GROUPINGS[order]])
    return lambda record: f"cluster {numbers[record.name]}" if record.name in numbers else "no cluster"


def save_filter(state: AppState, name: str) -> None:
    """Keep the scope for its owner under a name. Raises InvalidInput without one."""
    if not name.strip():
        raise InvalidInput("This filter has no name yet.", "Give it one, then save it.")
    if state.scope.names is not None:
        preferences(state).keep_selection(Selection(state.scope.names, state.scope.label))
    preferences(state).save_filter(name.strip(), to_params(state.scope))
    state.toasts.append("Filter saved")


def saved_scope(state: AppState, name: str) -> Scope:
    """The scope of a saved filter. Raises InvalidInput where it is gone."""
    params = preferences(state).filters().get(name)
    if params is None:
        raise InvalidInput("This filter is not there any more.", "Another tab of yours has deleted it.")
    return from_params(params, preferences(state).selection)


def use_filter(state: AppState, name: str) -> None:
    """Make a saved filter the scope."""
    set_scope(state, saved_scope(state, name))


def delete_filter(state: AppState, name: str) -> None:
    """Let go of a saved filter."""
    preferences(state).delete_filter(name)
