"""The map with what belongs to it: how good the clusters are, who was left out, and the sample that was clicked."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from functools import lru_cache

import streamlit as st

from app.clusters.changes import finding_changes
from app.clusters.in_scope import names_in_scope, sizes_in_scope
from app.clusters.loading import GALLERY, PANEL, load_cluster, load_samples
from app.clusters.state import Contents
from app.elements.pick_list import pick_list
from app.elements.scatter import HEIGHT, Points, hovers_of, pick_points, points_of
from app.elements.watcher import watch_if_active
from app.samples.sample_gallery import open_sample
from app.samples.sample_panel import sample_panel
from app.samples.state import Galleries
from app.session.messages import guarded, notice
from app.session.open_dataset import opened, record_of
from app.session.state import AppState
from lib.clustering import Changes, ClusterResult, as_csv
from lib.dataset.base import Dataset
from lib.text import counted

_LISTED = 200
_SELECT = "clusters.select"


def cluster_map(state: AppState, result: ClusterResult) -> None:
    """Show the map; beside it the clusters, or the sample that was clicked."""
    # Filled or not, so that the map is not made anew when the comparison has ended.
    with st.container(gap="xsmall"):
        _stale(state, result)
    here = state.of(Galleries).at(PANEL)
    # Both places show the current image: the one opened last keeps it.
    if state.of(Galleries).at(GALLERY).is_open:
        here.is_open = False
    left, right = st.columns([7, 5], gap="medium")
    with left:
        selecting = _map_bar(state, result)
        theme = "dark" if st.context.theme.type == "dark" else "light"
        pick = functools.partial(load_selected if selecting else open_clicked, state, result)
        bright = names_in_scope(state)
        points = map_points(state, result, theme, bright)
        pick_points(points, selecting=selecting, key="clusters.map", on_pick=guarded(pick, "clusters"))
        st.caption(_quality(result))
        _left_out(result)
    with right:
        if here.is_open:
            sample_panel(state, here)
        else:
            _overview(state, result, bright)


def map_points(state: AppState, result: ClusterResult, theme: str, bright: frozenset[str] | None) -> Points:
    """The map of a result with the captions of today, ready for the browser; with `bright` the others are grey."""
    dataset, _ = opened(state)
    return _points(result, dataset, dataset.version, theme, bright)


@lru_cache(maxsize=4)
def _points(result: ClusterResult, dataset: Dataset, version: int, theme: str, bright: frozenset[str] | None) -> Points:
    return points_of(result, _hovers(result, dataset, version), theme, bright)


@lru_cache(maxsize=2)
def _hovers(result: ClusterResult, dataset: Dataset, version: int) -> list[str]:
    records = map(dataset.get, result.names)
    return hovers_of(result, [record.text if record is not None else "" for record in records])


def _map_bar(state: AppState, result: ClusterResult) -> bool:
    """How the mouse works on the map, and the download; True while it selects."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        selecting = st.toggle(
            "Select with box or lasso",
            key=_SELECT,
            persist_state="session",
            help="On: draw round points to load them below. Off: click a point to open it, drag to move.",
        )
        st.download_button(
            "Assignment as CSV",
            functools.partial(_table, opened(state)[0], result),
            file_name=f"clusters-{result.spec.by}-{len(result.clusters)}.csv",
            mime="text/csv",
            key="clusters.csv",
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )
    return selecting


def _table(dataset: Dataset, result: ClusterResult) -> str:
    captions = {name: record.text for name in result.names if (record := dataset.get(name)) is not None}
    return as_csv(result, captions=captions)


def open_clicked(state: AppState, result: ClusterResult, rows: list[int]) -> None:
    """Open the sample that was clicked beside the map. Raises InvalidInput for one that is gone."""
    if rows:
        # Opened by its mere name, one that is gone would leave another image in the panel.
        record = record_of(state, result.names[rows[0]])
        open_sample(state, state.of(Galleries).at(PANEL), record.name)
        state.of(Galleries).at(GALLERY).is_open = False


def load_selected(state: AppState, result: ClusterResult, rows: list[int]) -> None:
    """Load the samples that were selected into the gallery, those that are lit where something is in scope."""
    lit = names_in_scope(state)
    names = tuple(name for row in sorted(rows) if (name := result.names[row]) and (lit is None or name in lit))
    if names:
        load_samples(state, Contents("Chosen on the map", names))


def _overview(state: AppState, result: ClusterResult, bright: frozenset[str] | None) -> None:
    here = ["" for _ in result.clusters]
    if bright is not None:
        here = [f"{count:,} of " for count in sizes_in_scope(result, bright)]
    rows = [(str(one.number), one.label, f"{here[one.number]}{one.size:,}") for one in result.clusters]

    def load(number: str) -> None:
        load_cluster(state, result, int(number))

    pick_list(rows, label="Clusters", key="clusters.overview", on_pick=guarded(load, "clusters"), height=f"{HEIGHT}px")
    st.caption("Click a point to open its image here, or a cluster to load it below.")


def _quality(result: ClusterResult) -> str:
    """What a person may want to know about a result, in one line without foreign text."""
    count, found = len(result.names), len(result.clusters)
    parts = [f"{counted(count, 'sample')} in {counted(found, 'cluster')}"]
    if found < result.spec.k:
        parts.append(f"no more than {found:,} are different")
    parts.append(f"silhouette {result.silhouette:.2f} (1 is best)")
    parts.append(f"{result.dimensions} dimensions hold {result.explained_variance:.0%} of the variance")
    if result.left_out:
        parts.append(_who_is_left_out(result.left_out))
    return " · ".join(parts)


def _who_is_left_out(left_out: Mapping[str, int]) -> str:
    count = sum(left_out.values())
    said = f"{counted(count, 'sample')} {'was' if count == 1 else 'were'} left out"
    if len(left_out) == 1:
        return f"{said} ({next(iter(left_out))})"
    return f"{said}: {', '.join(f'{number:,} ({reason})' for reason, number in left_out.items())}"


def _left_out(result: ClusterResult) -> None:
    if not result.failed:
        return
    with st.expander(f"{len(result.failed):,} cannot be opened"):
        rows = [("", outcome.name, outcome.reason) for outcome in result.failed[:_LISTED]]
        pick_list(rows, label="Not opened", key="clusters.failed", on_pick=lambda name: None, height="12rem")
        if len(result.failed) > _LISTED:
            st.caption(f"The first {_LISTED:,} are listed.")


def _stale(state: AppState, result: ClusterResult) -> None:
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
