"""What is in a cluster, a selection or a cell of the table: a gallery to look through, edit, and take elsewhere."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import streamlit as st

from app.clusters.in_scope import records_of, use_as_scope
from app.clusters.loading import GALLERY, load_cluster, number_key, show_sample, unload
from app.clusters.state import ClustersState, Contents
from app.samples.sample_gallery import sample_gallery
from app.session.messages import error_boundary, guarded
from app.session.state import AppState
from lib.clustering import ClusterResult
from lib.column_texts import texts_at
from lib.domain import ImageRecord
from lib.records import named_in_order
from lib.text import counted

_ORDERS = ("All", "Typical", "Unusual")

PLACES = (
    ("Tagging", "tagging", ":material/sell:"),
    ("Bulk Ops", "bulk_ops", ":material/library_add_check:"),
    ("Export", "export", ":material/download:"),
    ("Keyword Filter", "keyword_filter", ":material/search:"),
    ("Word Cloud", "word_cloud", ":material/cloud:"),
    ("Review", "review", ":material/fact_check:"),
)
"""The pages that take chosen samples as their scope."""


def cluster_contents(state: AppState, result: ClusterResult) -> None:
    """Show the choice of a cluster, and the samples that were loaded last."""
    key = number_key(result)
    st.session_state.setdefault(key, 0)
    with st.container(
        horizontal=True, vertical_alignment="bottom", wrap=False, gap="xsmall", key="clusters-contents-choice"
    ):
        st.selectbox(
            "Cluster number",
            range(len(result.clusters)),
            format_func=lambda number: f"{result.clusters[number].label} ({result.clusters[number].size:,})",
            key=key,
            label_visibility="collapsed",
        )
        load = guarded(functools.partial(_load, state, result, key), "clusters")
        st.button("Load Cluster Contents", key="clusters.contents.load", on_click=load)
    if (contents := state.of(ClustersState).contents) is not None:
        _loaded(state, result, contents)


def _loaded(state: AppState, result: ClusterResult, contents: Contents) -> None:
    records: Sequence[ImageRecord] = ()
    with error_boundary():
        records = records_of(state, contents.names)
    count = counted(len(contents.names), "sample")
    in_scope = count if len(records) == len(contents.names) else f"{len(records):,} of {count} in scope"
    with st.container(
        horizontal=True, vertical_alignment="center", wrap=False, gap="xsmall", key="clusters-contents-head"
    ):
        st.text(f"{contents.label}: {in_scope}")
        let_go = guarded(functools.partial(unload, state), "clusters")
        st.button("Let go", key="clusters.contents.close", type="tertiary", icon=":material/close:", on_click=let_go)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        seen = _seen(result, contents)
        _go_on(state, seen)
    # In the order of the choice: the most typical first.
    shown = records if seen is contents else named_in_order(records, seen.names)
    opened = functools.partial(show_sample, state)
    sample_gallery(state, shown, key=GALLERY, has_dropdown=True, on_open=opened)


def _load(state: AppState, result: ClusterResult, key: str) -> None:
    load_cluster(state, result, int(st.session_state[key] or 0))


def _go_on(state: AppState, contents: Contents) -> None:
    """Take the samples that are seen to another page."""
    with st.popover("Use as scope in", type="tertiary"):
        use = guarded(functools.partial(use_as_scope, state, contents), "clusters")
        for label, page, icon in PLACES:
            if st.button(label, key=f"clusters.to.{page}", icon=icon, type="tertiary", on_click=use):
                st.switch_page(f"../pages/{page}.py")


def _seen(result: ClusterResult, contents: Contents) -> Contents:
    """All of the samples, or the few that are most or least like the rest of their cluster."""
    if (number := contents.number_in(result)) is None:
        return contents
    order = st.segmented_control(
        "Show",
        _ORDERS,
        help="The samples that are most and least like the rest of their cluster",
        default=_ORDERS[0],
        required=True,
        key="clusters.order",
        label_visibility="collapsed",
    )
    cluster = result.clusters[number]
    places = {"Typical": cluster.typical, "Unusual": cluster.unusual}.get(order)
    if places is None:
        return contents
    names = tuple(texts_at(result.names, np.asarray(places, np.int64)))
    return Contents(f"{contents.label}, {order.lower()}", names, number, result.id)
