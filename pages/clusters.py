"""Clusters: the tagged images of a folder on a map, what is alike together, to look into and to edit."""

import streamlit as st

from app.clusters.changes import followed
from app.clusters.contents import cluster_contents
from app.clusters.crosstab import crosstab_panel
from app.clusters.form import cluster_form, first_steps, making_panel
from app.clusters.making import take_up_making
from app.clusters.map import cluster_map
from app.clusters.suggest_panel import suggest_panel
from app.samples.kept_clusters import latest
from app.samples.scope_bar import scope_search
from app.session.state import app_state

state = app_state()
st.title("Clusters", anchor=False)
making = take_up_making(state)
spec = cluster_form(state)
# Always the same place, filled or not: the map below would be made anew where it moves on.
with st.container(gap="xsmall"):
    making_panel(state, making, spec)
result = latest(state, spec.by)
if result is not None:
    result = followed(state, result)
    scope_search(state)
    cluster_map(state, result)
elif making is None or not making.is_active:
    first_steps(state, spec)
suggest_panel(state, spec)
crosstab_panel(state)
if result is not None:
    cluster_contents(state, result)
