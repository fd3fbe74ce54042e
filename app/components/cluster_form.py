"""What clusters are made of, and how many; then how the making goes, and the ways out where it fails."""

from __future__ import annotations

import functools
from dataclasses import replace

import streamlit as st

from app.clusters import Made, choose_basis, present_spec, start, warm
from app.components.job_panel import facts
from app.components.watcher import watch
from app.messages import guarded, notice, show_error, show_kept
from app.state import AppState
from lib.clustering import MOST_CLUSTERS
from lib.domain import By, ClusterSpec
from lib.embedding.registry import EMBEDDERS, methods
from lib.errors import Cancelled, MissingDependency, ModelUnavailable
from lib.jobs.runner import Job

MOST = 50
"""The slider's end; the box beside it takes more."""

_BASES: dict[By, str] = {"tags": "Tags", "images": "Images"}
_LINES = {
    "sbert": "Captions of the same meaning come together, whatever words they use.",
    "tfidf": "Captions with the same rare words come together. Needs no model and no download.",
    "resnet50v2": "Pictures that look alike come together.",
    "mobilenet": "The same with a network that is smaller and quicker, and sees less.",
}

_BY = "clusters.by"
_SLIDER = "clusters.slider"
_NUMBER = "clusters.number"


def cluster_form(state: AppState) -> ClusterSpec:
    """Show the settings and Load; gives what they hold."""
    spec = present_spec(state)
    method_key = _method_key(spec.by)
    st.session_state[_BY], st.session_state[method_key] = spec.by, spec.method
    st.session_state[_SLIDER], st.session_state[_NUMBER] = min(spec.k, MOST), min(spec.k, MOST_CLUSTERS)
    take = guarded(functools.partial(_take, state), "clusters")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Cluster based on", list(_BASES), format_func=_BASES.__getitem__, key=_BY, required=True, on_change=take
        )
        st.selectbox("Method", methods(spec.by), format_func=_method_label, key=method_key, on_change=take, width=260)
        st.slider("Number of clusters", 1, MOST, key=_SLIDER, on_change=take, width=240)
        st.number_input(
            "Exactly", min_value=1, max_value=MOST_CLUSTERS, step=1, key=_NUMBER, on_change=take, width=130,
            label_visibility="collapsed",
        )  # fmt: skip
        load = guarded(functools.partial(_load, state), "clusters")
        st.button("Load", key="clusters.load", type="primary", on_click=load)
    st.caption(" ".join(filter(None, (_LINES.get(spec.method, ""), _standing(spec.method)))))
    show_kept("clusters")
    return spec


def _method_key(by: By) -> str:
    return f"clusters.method.{by}"


def _method_label(name: str) -> str:
    return EMBEDDERS[name].label


def _take(state: AppState) -> ClusterSpec:
    """Take over what the form holds; a button may be carried out before the field that was filled in before it."""
    held, known = st.session_state, present_spec(state)
    if (by := held.get(_BY) or known.by) != known.by:
        choose_basis(state, by)
        return present_spec(state)
    slider, number = held[_SLIDER], held[_NUMBER] or known.k
    # Whichever of the two was moved.
    k = number if number != known.k else slider if slider != min(known.k, MOST) else known.k
    # The other one follows at once: this may be asked again before the page is drawn.
    held[_SLIDER], held[_NUMBER] = min(k, MOST), k
    state.clusters.spec = replace(known, method=held[_method_key(known.by)] or known.method, k=k)
    return state.clusters.spec


def _load(state: AppState) -> None:
    start(state, _take(state))


def _standing(method: str) -> str:
    """Whether the model is ready."""
    job = warm(method)
    watch(job, every=2.0)
    if job.is_active:
        return "The model is being made ready …"
    return "The model is not on this machine: Load will try to fetch it." if job.result is False else ""


def making_panel(state: AppState, job: Job | None) -> None:
    """Show how the making of clusters goes, or why it did not."""
    if job is None:
        return
    if job.is_active:
        watch(job, every=0.5, show=_progress)
    elif isinstance(job.error, Cancelled):
        hint = "Load goes on from there."
        notice("info", f"Stopped. {job.done:,} of {job.total:,} are embedded and kept.", hint)
    elif job.error is not None:
        show_error(job.error)
        if isinstance(job.error, (ModelUnavailable, MissingDependency)):
            _way_out(state)
    elif isinstance(job.result, Made) and job.result.unsaved is not None:
        show_error(job.result.unsaved)


def _way_out(state: AppState) -> None:
    spec = ClusterSpec("tags", "tfidf", present_spec(state).k)
    instead = guarded(functools.partial(start, state, spec), "clusters")
    st.button("Use TF-IDF instead", key="clusters.tfidf", icon=":material/alt_route:", on_click=instead)


def _progress(job: Job) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(1.0, job.done / job.total) if job.total else 0.0, width=420)
        st.caption("Grouping …" if job.total and job.done >= job.total else " · ".join(facts(job)), width="content")
        if job.is_cancelled():
            st.caption("Stopping …", width="content")
        else:
            st.button("Cancel", key="clusters.cancel", on_click=job.cancel)
