"""What is loaded from clusters into the gallery: a cluster, or samples of the map or the table."""

from __future__ import annotations

import streamlit as st

from app.clusters.state import ClustersState, Contents
from app.samples.state import Galleries
from app.session.state import AppState
from lib.clustering import (
    ClusterResult,
)
from lib.errors import InvalidInput

GALLERY = "clusters.contents"
PANEL = "clusters.map"
"""The gallery of what was loaded, and the place where a sample opens, whether from there or from the map."""

CLUSTERS, SAMPLE, CONTENTS = "Clusters", "Sample", "Contents"
"""The tabs of the inspector."""


def load_cluster(state: AppState, result: ClusterResult, number: int) -> None:
    """Load a cluster's samples into the gallery. Raises InvalidInput for a number that it has not."""
    if not 0 <= number < len(result.clusters):
        raise InvalidInput(f"There is no cluster {number}.", f"Choose one from 0 to {len(result.clusters) - 1}.")
    name = result.clusters[number].label
    # The field tells the cluster that is shown, wherever it was chosen.
    st.session_state[number_key(result)] = number
    load_samples(state, Contents(f"Cluster {name}", result.members(number), number, result.id))


def number_key(result: ClusterResult) -> str:
    """The field of the cluster's number; of its own for each result, or it would show the name of an earlier one."""
    return f"clusters.cluster.{result.id}"


def load_samples(state: AppState, contents: Contents) -> None:
    """Load samples into the gallery, and bring it to the front."""
    page = state.of(ClustersState)
    page.contents, page.wanted_tab, page.pointed = contents, CONTENTS, None
    state.of(Galleries).close(GALLERY)


def unload(state: AppState) -> None:
    """Let go of what was loaded: everything is bright on the map again."""
    page = state.of(ClustersState)
    page.contents, page.wanted_tab = None, CLUSTERS
    state.of(Galleries).close(GALLERY)


def show_sample(state: AppState) -> None:
    """Bring the sample that was opened last to the front."""
    state.of(Galleries).at(PANEL).is_open = True
    state.of(ClustersState).wanted_tab = SAMPLE
