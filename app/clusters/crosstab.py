"""Clusters of images by clusters of tags: what looks alike but is described differently."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import streamlit as st

from app.clusters.loading import load_samples
from app.clusters.state import Contents
from app.samples.kept_clusters import latest
from app.session.messages import guarded
from app.session.state import AppState
from lib.clustering import ClusterResult, Crosstab, crosstab

_TABLE = "clusters.table"


@dataclass(frozen=True, slots=True)
class Compared:
    """The latest clusters of images and of tags, and how many samples are in each pair of them."""

    images: ClusterResult
    tags: ClusterResult
    table: Crosstab


def compared_clusters(state: AppState) -> Compared | None:
    """The clusters of images by those of tags; None while one of them is missing."""
    images, tags = latest(state, "images"), latest(state, "tags")
    return Compared(images, tags, _crosstab(images, tags)) if images is not None and tags is not None else None


@lru_cache(maxsize=4)
def _crosstab(images: ClusterResult, tags: ClusterResult) -> Crosstab:
    return crosstab(images, tags)


def crosstab_panel(state: AppState) -> None:
    """Show clusters of images by clusters of tags; a cell opens what is in both."""
    with st.popover("Images against tags", key="clusters.crossing", type="tertiary", icon=":material/table_chart:"):
        found = compared_clusters(state)
        if found is None:
            st.caption("Load clusters of tags, then clusters of images: a table will tell how the two fit together.")
            return
        st.caption(
            "Each row is a cluster of images, each column one of tags. Photos that look alike but are described "
            "differently spread along a row. Click a cell to load its photos."
        )
        pick = guarded(functools.partial(_cell, state, found), "clusters")
        st.dataframe(_frame(found), key=_TABLE, on_select=pick, selection_mode="single-cell", row_height=32)


def _frame(found: Compared) -> Any:
    import pandas as pd

    rows = [cluster.label for cluster in found.images.clusters]
    columns = [cluster.label for cluster in found.tags.clusters]
    return pd.DataFrame(found.table.counts, index=pd.Index(rows, name="Images \\ tags"), columns=columns)


def _cell(state: AppState, found: Compared) -> None:
    cells = st.session_state[_TABLE].selection.cells
    if cells:
        row, column = cells[0]
        load_cell(state, found, row, [cluster.label for cluster in found.tags.clusters].index(column))


def load_cell(state: AppState, found: Compared, row: int, column: int) -> None:
    """Load the samples of an image cluster that are in a tag cluster."""
    label = f"Images {found.images.clusters[row].label} · tags {found.tags.clusters[column].label}"
    load_samples(state, Contents(label, found.table.cell(row, column)))
