"""Clusters and the scope: what of a map is in scope, and what of a cluster goes on to other pages.

Clusters are always made of the whole folder, but for what is left out. The scope says which of their samples are seen
and taken along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from app.clusters.state import ClustersState, Contents
from app.samples.scope import select_again, selected, set_scope
from app.session.open_dataset import opened
from app.session.state import AppState
from lib.clustering import ClusterResult
from lib.domain import ImageRecord
from lib.errors import InvalidInput
from lib.records import named, named_in_order, names_of
from lib.scope import Scope, marks_of


def names_in_scope(state: AppState) -> frozenset[str] | None:
    """The images in scope, none of a query that cannot be used; None where that is all."""
    try:
        chosen = selected(state)
    except InvalidInput:
        # The scope line tells why.
        return frozenset()
    if state.scope == Scope() and not chosen.left_out:
        return None
    if chosen.names is None:
        chosen.names = frozenset(record.name for record in chosen.records)
    return chosen.names


@lru_cache(maxsize=4)
def sizes_in_scope(result: ClusterResult, names: frozenset[str]) -> list[int]:
    """How many samples of each cluster are among these names."""
    counts = [0] * len(result.clusters)
    for name, label in zip(result.names, result.labels.tolist(), strict=True):
        counts[label] += name in names
    return counts


def records_of(state: AppState, names: Sequence[str]) -> Sequence[ImageRecord]:
    """The records of samples that are still in the open folder, and in scope, in the order of the names.

    Images that were chosen before count as replaced by these: else another cluster than the one in scope had none.
    Raises InvalidInput for a query that cannot be used.
    """
    dataset, _ = opened(state)
    found = named_in_order(dataset.snapshot(), names)
    rest = _without_chosen(state.scope)
    if rest == Scope() and not marks_of(dataset).left_out:
        return found
    chosen = select_again(state, replace(rest, names=frozenset(names)), state.of(ClustersState).in_scope)
    state.of(ClustersState).in_scope = chosen
    if chosen.refusal is not None:
        raise chosen.refusal.with_traceback(None)
    return named(found, frozenset(names_of(chosen.records)))


def use_as_scope(state: AppState, contents: Contents) -> None:
    """Make samples what the next action is about; the other conditions of the scope stay."""
    set_scope(state, replace(_without_chosen(state.scope), names=frozenset(contents.names), label=contents.label))


def _without_chosen(scope: Scope) -> Scope:
    return replace(scope, names=None, label="")
