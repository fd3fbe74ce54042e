"""The clusters of the open folder as other pages offer them: one to choose, all to sort by or to set side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import get_args

from app.samples.kept_clusters import latest, latest_making
from app.session.state import AppState
from lib.clustering import Cluster, ClusterResult
from lib.domain import By
from lib.errors import InvalidInput
from lib.scope import Scope

GROUPINGS: Mapping[str, By] = {f"Clusters of {by}": by for by in get_args(By)}
"""What people choose to have all clusters of one kind."""


def clusters_by_kind(state: AppState) -> dict[By, ClusterResult]:
    """The latest clusters of each kind, where there are any; those that were made on another page meanwhile too."""
    latest_making(state)
    return {by: result for by in get_args(By) if (result := latest(state, by)) is not None}


def kept_groupings(state: AppState) -> list[str]:
    """Those of `GROUPINGS` of which there are clusters."""
    kept = clusters_by_kind(state)
    return [name for name, by in GROUPINGS.items() if by in kept]


@dataclass(frozen=True, slots=True)
class ClusterChoice:
    """One cluster of the latest of its kind."""

    by: By
    number: int


def cluster_choices(state: AppState) -> dict[ClusterChoice, str]:
    """All clusters, and what people read for each. Foreign text."""
    return {
        ClusterChoice(by, cluster.number): f"{by.capitalize()}: {cluster.label} ({cluster.size:,})"
        for by, result in clusters_by_kind(state).items()
        for cluster in result.clusters
    }


def choice_of(state: AppState, scope: Scope) -> ClusterChoice | None:
    """The cluster that a scope's chosen images are, None where they are none."""
    for by, result in clusters_by_kind(state).items():
        for cluster in result.clusters:
            if scope.label == scope_label(cluster) and scope.names == _members(result, cluster.number):
                return ClusterChoice(by, cluster.number)
    return None


def scope_label(cluster: Cluster) -> str:
    """What a cluster's samples are called as a scope. Foreign text."""
    return f"Cluster {cluster.label}"


def chosen_cluster(state: AppState, choice: ClusterChoice) -> tuple[Cluster, frozenset[str]]:
    """A cluster and the names of its samples. Raises InvalidInput where there is no such cluster any more."""
    result = clusters_by_kind(state).get(choice.by)
    if result is not None and choice.number < len(result.clusters):
        return result.clusters[choice.number], _members(result, choice.number)
    raise InvalidInput("This cluster is not there any more.", "New clusters were made meanwhile. Choose one of them.")


@lru_cache(maxsize=4)
def _members(result: ClusterResult, number: int) -> frozenset[str]:
    return frozenset(result.members(number))


@lru_cache(maxsize=4)
def numbers_of(result: ClusterResult) -> dict[str, int]:
    """The number of each sample's cluster, by the sample's name."""
    return dict(zip(result.names, result.labels.tolist(), strict=True))
