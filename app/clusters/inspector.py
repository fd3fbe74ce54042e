"""Beside the map, always: what there is to say, then the clusters, the open sample, and what was loaded, a tab each."""

from __future__ import annotations

import streamlit as st

from app.clusters.changes import finding_changes
from app.clusters.contents import cluster_contents
from app.clusters.in_scope import sizes_in_scope
from app.clusters.lighting import light_bar, lit_names
from app.clusters.loading import CLUSTERS, CONTENTS, PANEL, SAMPLE, load_cluster
from app.clusters.state import ClustersState
from app.elements.cluster_list import ClusterRow, cluster_list
from app.elements.map_figure import colour_of
from app.elements.pick_list import pick_list
from app.elements.theme import theme_now
from app.elements.watcher import watch_if_active
from app.samples.sample_panel import sample_panel
from app.samples.scope_bar import scope_bar
from app.samples.state import Galleries
from app.session.messages import guarded, notice
from app.session.state import AppState
from lib.clustering import Changes, ClusterResult

_TAB = "clusters.tab"
_LISTED = 200
_QUICK = 20_000
"""Samples up to which the mouse on a row of the list dims the rest of the map: it is sent anew for that."""


def inspector(state: AppState, result: ClusterResult) -> None:
    """Show the three tabs, the wanted one in front."""
    page = state.of(ClustersState)
    if page.wanted_tab:
        st.session_state[_TAB], page.wanted_tab = page.wanted_tab, ""
    # All three are drawn, so that to change between them costs nothing and what is typed in one stays.
    clusters, sample, contents = st.tabs([CLUSTERS, SAMPLE, CONTENTS], key=_TAB, on_change="rerun")
    with clusters:
        _clusters(state, result)
    with sample:
        here = state.of(Galleries).at(PANEL)
        if here.is_open:
            sample_panel(state, here)
        else:
            st.caption("Click a point on the map, or a picture under Contents: it opens here to be edited.")
    with contents:
        cluster_contents(state, result)


def _clusters(state: AppState, result: ClusterResult) -> None:
    light_bar(state)
    scope_bar(state)
    bright, theme = lit_names(state), theme_now()
    here = ["" for _ in result.clusters]
    if bright is not None:
        here = [f"{count:,} of " for count in sizes_in_scope(result, bright)]
    most = max(cluster.size for cluster in result.clusters)
    rows = [
        ClusterRow(
            one.number, one.name, f"{here[one.number]}{one.size:,}", one.size / most, colour_of(one, theme)
        )
        for one in result.clusters
    ]  # fmt: skip
    page = state.of(ClustersState)

    def load(number: int) -> None:
        load_cluster(state, result, number)

    def point(number: int | None) -> None:
        page.pointed = (result.id, number) if number is not None else None

    cluster_list(
        rows,
        opened=page.contents.number_in(result) if page.contents is not None else None,
        key="clusters.overview",
        on_open=guarded(load, "clusters"),
        on_point=guarded(point, "clusters", is_action=False) if len(result.names) <= _QUICK else None,
    )
    _left_out(result)


def _left_out(result: ClusterResult) -> None:
    if not result.failed:
        return
    with st.expander(f"{len(result.failed):,} cannot be opened"):
        rows = [("", outcome.name, outcome.reason) for outcome in result.failed[:_LISTED]]
        pick_list(rows, label="Not opened", key="clusters.failed", on_pick=lambda name: None, height="12rem")
        if len(result.failed) > _LISTED:
            st.caption(f"The first {_LISTED:,} are listed.")


def stale_note(state: AppState, result: ClusterResult) -> None:
    """Say what changed since the clusters were made."""
    job = finding_changes(state, result)
    watch_if_active(job, every=0.5)
    changes = job.result
    if not isinstance(changes, Changes) or not changes:
        return
    counts = ((changes.changed, "changed"), (changes.added, "added"), (changes.gone, "gone"))
    said = ", ".join(f"{count:,} {what}" for count, what in counts if count)
    what = "tags" if result.spec.by == "tags" else "images"
    notice(
        "warning",
        f"These clusters are older than some {what}: {said} since.",
        "Press Load to make them anew; only what is new is embedded.",
    )
