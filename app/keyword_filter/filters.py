"""What the Keyword Filter page knows of a scope: its hits, its counts, an order, and the filters kept for its owner."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import count

from app.keyword_filter.state import FilterState
from app.samples.cluster_choices import (
    GROUPINGS,
    ClusterChoice,
    chosen_cluster,
    clusters_by_kind,
    kept_groupings,
    numbers_of,
    scope_label,
)
from app.samples.scope import saved_scope, selected, set_scope, take_scope
from app.session.open_dataset import keep_selection, preferences
from app.session.state import AppState
from lib.clustering import ClusterResult
from lib.dataset.base import Dataset
from lib.dataset.scan.ordering import by_cluster, by_length, by_rating, newest_first
from lib.domain import ImageRecord, Selection
from lib.errors import InvalidInput
from lib.find import Allowance
from lib.scope import KeywordCounts, count_in, marks_of, query_of, to_params
from lib.tables.dataset import TableDataset

ORDERS = ("Name", "Shortest text", "Longest text", "Newest change", "Most stars")

MARKING_SECONDS = 0.3
"""What the hits on one page of samples may take to be found."""


def hits_of(state: AppState) -> Callable[[str], list[tuple[int, int]] | None] | None:
    """What finds the places in the captions of a page that the scope's query is about.

    It gives None for a caption once a pattern has taken too long: slow marks cost the marks, not the page.
    """
    chosen = state.selected
    if chosen is None or chosen.refusal is not None or not chosen.scope.query.strip():
        return None
    query = query_of(chosen.scope)
    allowance = Allowance(MARKING_SECONDS)

    def spans(text: str) -> list[tuple[int, int]] | None:
        if text not in chosen.marks:
            try:
                chosen.marks[text] = query.spans(text, allowance)
            except InvalidInput:
                chosen.marks[text] = None
        return chosen.marks[text]

    return spans


def keyword_counts(state: AppState) -> KeywordCounts | None:
    """How many captions each keyword alone is true of, among those that the query is asked of; None for a single one.

    Raises InvalidInput for a pattern that is too slow.
    """
    chosen = selected(state)
    if not chosen.scope.query.strip() or len(query_of(chosen.scope).terms) < 2:
        return None
    if chosen.counts is None:
        try:
            chosen.counts = count_in(chosen.scope, chosen.dataset)
        except InvalidInput as error:
            chosen.counts = error
    if isinstance(chosen.counts, InvalidInput):
        raise chosen.counts.with_traceback(None)
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
        result = clusters_by_kind(state)[GROUPINGS[order]]
        if result not in chosen.ordered:
            chosen.ordered[result] = by_cluster(chosen.records, numbers_of(result))
        return chosen.ordered[result]
    if order not in chosen.ordered:
        if order == "Newest change":
            chosen.ordered[order] = newest_first(chosen.dataset.root, chosen.records, _changes(chosen.dataset))
        elif order == "Most stars":
            chosen.ordered[order] = by_rating(chosen.records, marks_of(chosen.dataset).ratings)
        else:
            chosen.ordered[order] = by_length(chosen.records, longest_first=order == "Longest text")
    return chosen.ordered[order]


def _changes(dataset: Dataset) -> Mapping[str, int] | None:
    return dataset.changes() if isinstance(dataset, TableDataset) else None


def cluster_columns(state: AppState) -> dict[str, Callable[[ImageRecord], str]]:
    """For each kind of clusters that there are: the number and the name of a sample's cluster, "" where it has none."""

    def column(result: ClusterResult) -> Callable[[ImageRecord], str]:
        numbers, labels = numbers_of(result), [cluster.label for cluster in result.clusters]
        return lambda record: labels[numbers[record.name]] if record.name in numbers else ""

    return {f"Cluster of {by}": column(result) for by, result in clusters_by_kind(state).items()}


def cluster_note(state: AppState, order: str) -> Callable[[ImageRecord], str] | None:
    """What tells the cluster of a sample, where they are sorted by clusters."""
    if order not in GROUPINGS:
        return None
    numbers = numbers_of(clusters_by_kind(state)[GROUPINGS[order]])
    return lambda record: f"cluster {numbers[record.name]}" if record.name in numbers else "no cluster"


def choose_cluster(state: AppState, choice: ClusterChoice | None) -> None:
    """Make the samples of a cluster the chosen images of the scope, None for all; what the scope bar holds stays.

    Raises InvalidInput where there is no such cluster any more.
    """
    names, label = None, ""
    if choice is not None:
        cluster, names = chosen_cluster(state, choice)
        label = scope_label(cluster)
        keep_selection(state, Selection(names, label))
    # What is wrong with the query is told below its box.
    with suppress(InvalidInput):
        take_scope(state, names=names, label=label)


def save_filter(state: AppState, name: str, over: Mapping[str, str] | None = None) -> bool:
    """Keep the scope for its owner under a name, in the place of the filter `over` that was shown.

    False where the name stands for another filter, which is left as it is. Raises InvalidInput without a name.
    """
    if not name.strip():
        raise InvalidInput("This filter has no name yet.", "Give it one, then save it.")
    if state.scope.names is not None:
        keep_selection(state, Selection(state.scope.names, state.scope.label))
    if not preferences(state).save_filter(name.strip(), to_params(state.scope), over):
        return False
    state.done("Filter saved")
    return True


def free_name(state: AppState, name: str) -> str:
    """The name with the first number behind it under which no filter is kept."""
    taken = preferences(state).filters()
    return next(numbered for number in count(2) if (numbered := f"{name} {number}") not in taken)


def use_filter(state: AppState, name: str) -> None:
    """Make a saved filter the scope."""
    set_scope(state, saved_scope(state, name))


def delete_filter(state: AppState, name: str) -> None:
    """Let go of a saved filter; it can be brought back until another one is deleted."""
    params = preferences(state).filters().get(name)
    if params is not None:
        preferences(state).delete_filter(name)
        state.of(FilterState).deleted = name, params


def bring_back(state: AppState) -> None:
    """Keep the filter again that was deleted last. Raises InvalidInput where its name stands for another one by now."""
    if (deleted := state.of(FilterState).deleted) is None:
        return
    name, params = deleted
    if not preferences(state).save_filter(name, params):
        raise InvalidInput(f"There is another filter “{name}” by now.", "Delete that one, or give it another name.")
    state.of(FilterState).deleted = None
    state.done("Filter is back")
