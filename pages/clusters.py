"""Clusters: the images of a folder on a map, what is alike together, to look into and to edit."""

import streamlit as st

from app.clusters.brought import brought_note
from app.clusters.changes import followed
from app.clusters.form import cluster_form, first_steps, making_panel, method_note
from app.clusters.inspector import inspector, stale_note
from app.clusters.making import begin_with_a_map, map_came_meanwhile, take_up_making
from app.clusters.map import awaited_map, cluster_map
from app.clusters.state import ClustersState
from app.samples.kept_clusters import latest
from app.session.state import app_state

state = app_state()
begin_with_a_map(state)
making = take_up_making(state)
spec = cluster_form(state)
result = latest(state, spec.by)
with st.container(horizontal=True, key="clusters-window"):
    place, beside = st.container(key="clusters-map"), st.container(key="clusters-inspector")
if result is not None:
    result = followed(state, result)
# A map weighs a megabyte, and keeps the browser busy: where it stands already, what is beside it goes first.
stands = result is not None and state.of(ClustersState).on_map == result.layout_id
if not stands:
    with place:
        if result is not None:
            cluster_map(state, result)
        elif making is None or not making.is_active:
            first_steps(state, spec)
        else:
            awaited_map()
with beside:
    # Always the same place, filled or not: what stands below would be made anew where it moves on.
    with st.container(gap="xsmall"):
        method_note(spec, result)
        brought_note(state)
        making_panel(state, making, spec)
        if result is not None:
            stale_note(state, result)
    if result is not None:
        inspector(state, result)
if stands and result is not None:
    with place:
        cluster_map(state, result)
# A browser reads for half a second what draws a map, and meanwhile the map is made.
if result is None and map_came_meanwhile(state):
    st.rerun()
