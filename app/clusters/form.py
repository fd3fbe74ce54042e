"""What clusters are made of, and how many; then how the making goes, and the ways out where it fails."""

from __future__ import annotations

import functools
import time
from dataclasses import replace

import streamlit as st

from app.clusters.making import choose_basis, early_maps, is_about, make_clusters, present_spec, warm, ways_out
from app.clusters.state import ClustersState
from app.clusters.suggest_panel import suggest_panel
from app.elements.watcher import facts, watch, watch_if_active
from app.samples.kept_clusters import Made
from app.session.messages import guarded, notice, show_error, show_kept
from app.session.open_dataset import is_table
from app.session.state import AppState
from lib.clustering import MOST_CLUSTERS, OF_A_JOB, OWN_COLUMNS, ClusterResult
from lib.clustering.layouts import LAYOUTS
from lib.domain import By, ClusterSpec
from lib.embedding.registry import EMBEDDERS, methods
from lib.errors import Cancelled, MemoryShort, MissingDependency, ModelUnavailable
from lib.jobs.runner import Job
from lib.text import counted

_BASES: dict[By, str] = {"tags": "By captions", "images": "By pictures"}
_MAKERS = {OWN_COLUMNS: "the table's own columns", OF_A_JOB: "“captioner run cluster”"}

_FOLLOWS_S = 1.5
"""Within which the browser has heard of a number that was set here."""

_BY = "clusters.by"
_SLIDER = "clusters.slider"
_NUMBER = "clusters.number"
_LAYOUT = "clusters.layout"


def cluster_form(state: AppState) -> ClusterSpec:
    """Show the settings and Load; gives what they hold."""
    spec = present_spec(state)
    method_key = _method_key(spec.by)
    k = min(spec.k, MOST_CLUSTERS)
    fields: tuple[tuple[str, str | int], ...] = (
        (_BY, spec.by), (method_key, spec.method), (_SLIDER, k), (_NUMBER, k), (_LAYOUT, spec.layout)
    )  # fmt: skip
    # Set here, and given to each field to begin with as well: of two quick runs the browser makes the fields by the
    # second, in which nothing is set any more.
    for key, value in fields:
        _hold(key, value)
    # It grows with the number, and does not shrink again under the hand that moves it.
    state.of(ClustersState).most = max(state.of(ClustersState).most, k)
    take = guarded(functools.partial(_take, state), "clusters")
    with st.container(horizontal=True, vertical_alignment="bottom", key="clusters-bar"):
        st.title("Clusters", anchor=False, width="content")
        st.segmented_control(
            "Cluster based on",
            ["tags"] if is_table(state) else list(_BASES),
            format_func=_BASES.__getitem__,
            key=_BY,
            required=True,
            on_change=take,
            default=spec.by,
        )
        names = methods(spec.by)
        at = names.index(spec.method)
        st.selectbox("Method", names, at, format_func=_method_label, key=method_key, on_change=take, width=148)
        # The two stay side by side where the window is too narrow for one row.
        with st.container(horizontal=True, vertical_alignment="bottom", width=222, wrap=False):
            st.slider("Number of clusters", 1, state.of(ClustersState).most, k, key=_SLIDER, on_change=take, width=84)
            st.number_input(
                "Exactly", 1, MOST_CLUSTERS, k, step=1, key=_NUMBER, on_change=take, width=118,
                label_visibility="collapsed",
            )  # fmt: skip
        at = list(LAYOUTS).index(spec.layout)
        st.selectbox("Layout", list(LAYOUTS), at, format_func=_layout_label, key=_LAYOUT, on_change=take, width=104)
        load = guarded(functools.partial(_load, state), "clusters")
        st.button("Load", key="clusters.load", type="primary", on_click=load)
        suggest_panel(state, spec)
    return spec


def method_note(spec: ClusterSpec, result: ClusterResult | None) -> None:
    """Say what comes together by the chosen method, whether its model is ready, and that a first map is only that."""
    about, standing, help = EMBEDDERS[spec.method].about, _standing(spec.method), None
    if result is not None and (result.is_brought or result.spec.method != spec.method):
        made_by = _MAKERS.get(result.model) or EMBEDDERS[result.spec.method].label
        ready = f"This map is by {made_by}."
        # What comes below is to be seen: what the method does is told to who asks.
        about, help = f"{ready} Load makes one by {EMBEDDERS[spec.method].label}.", about
    st.caption(" ".join(filter(None, (about, standing))), help=help)
    show_kept("clusters")


def _method_key(by: By) -> str:
    return f"clusters.method.{by}"


def _method_label(name: str) -> str:
    return EMBEDDERS[name].label


def _layout_label(name: str) -> str:
    return LAYOUTS[name].label


def _take(state: AppState) -> ClusterSpec:
    """Take over what the form holds; a button may be carried out before the field that was filled in before it."""
    held, known = st.session_state, present_spec(state)
    if (by := held.get(_BY) or known.by) != known.by:
        choose_basis(state, by)
        return present_spec(state)
    k = _number(state, held[_SLIDER], held[_NUMBER] or known.k)
    # The other one follows at once: this may be asked again before the page is drawn.
    _hold(_SLIDER, k)
    _hold(_NUMBER, k)
    taken = replace(known, method=held[_method_key(known.by)] or known.method, k=k, layout=held[_LAYOUT])
    state.of(ClustersState).spec = taken
    return taken


def _hold(key: str, value: str | int) -> None:
    """Put a value into a field. To say again what it holds would wipe out what is being typed there."""
    if st.session_state.get(key) != value:
        st.session_state[key] = value


def _number(state: AppState, slider: int, number: int) -> int:
    """The number of clusters, from whichever of the two was moved."""
    at = min(present_spec(state).k, MOST_CLUSTERS)
    moved = [value for value in (slider, number) if value != at]
    if len(moved) == 2 or time.monotonic() - state.of(ClustersState).moved_at < _FOLLOWS_S:
        # The browser had not heard yet that one of them follows the other: that one stands where it was.
        before = state.of(ClustersState).reported
        moved = [value for value, was in zip((slider, number), before, strict=True) if value not in (was, at)]
    if moved:
        state.of(ClustersState).reported, state.of(ClustersState).moved_at = (slider, number), time.monotonic()
    return moved[0] if moved else at


def _load(state: AppState) -> None:
    make_clusters(state, _take(state))


def _standing(method: str) -> str:
    """Whether the model is ready."""
    job = warm(method)
    watch_if_active(job, every=2.0)
    if job.is_active:
        return "The model is being made ready …"
    if isinstance(job.error, MemoryShort):
        return job.error.message
    return "The model is not on this machine: Load will try to fetch it." if job.result is False else ""


def making_panel(state: AppState, job: Job | None, spec: ClusterSpec) -> None:
    """Show how the making of clusters goes, or why it did not. `spec`: what the form holds."""
    if job is None:
        return
    if job.is_active:
        seen = len(early_maps(state))
        # While the browser draws a quick map it is not to be asked for news all the time.
        watch(job, every=1.0 if seen else 0.25, show=functools.partial(_progress, state, seen))
    elif not is_about(job, spec):
        # What became of clusters of another kind would seem to be about these.
        return
    elif isinstance(job.error, Cancelled):
        if EMBEDDERS[spec.method].whole:
            notice("info", "Stopped. The clusters from before, if any, are as they were.", "Load begins anew.")
        else:
            hint = "Load goes on from there."
            notice("info", f"Stopped. {job.done:,} of {job.total:,} are embedded and kept.", hint)
    elif job.error is not None:
        show_error(job.error)
        if isinstance(job.error, (MemoryShort, ModelUnavailable, MissingDependency)):
            _ways_out(state, spec)
    elif isinstance(job.result, Made) and job.result.unsaved is not None:
        show_error(job.result.unsaved)


def _ways_out(state: AppState, spec: ClusterSpec) -> None:
    with st.container(horizontal=True):
        for name, other in ways_out(spec).items():
            instead = guarded(functools.partial(make_clusters, state, other), "clusters")
            key = f"clusters.instead.{other.method}"
            st.button(f"Use {name} instead", key=key, icon=":material/alt_route:", on_click=instead)


def first_steps(state: AppState, spec: ClusterSpec) -> None:
    """Say what Load will do, and whom it leaves out, where there are no clusters yet."""
    assert state.dataset is not None
    if spec.by == "images":
        every = counted(len(state.dataset), "image")
        st.caption(f"Load puts {every} on a map, captioned or not, near each other where pictures look alike.")
        return
    tagged, rest = state.dataset.tagged, len(state.dataset) - state.dataset.tagged
    left_out = (
        f" {counted(rest, 'image')} without readable tags {'takes' if rest == 1 else 'take'} no part." if rest else ""
    )
    tagged_images = counted(tagged, "tagged image")
    st.caption(f"Load puts {tagged_images} on a map, near each other where tags mean the same.{left_out}")


def _progress(state: AppState, seen: int, job: Job) -> None:
    early = early_maps(state)
    if len(early) > seen:
        # There is a quick map to be shown.
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.share)
        st.caption(_step(job, arranges=bool(early)), width="content")
        if job.is_cancelled():
            st.caption("Stopping …", width="content")
        else:
            st.button("Cancel", key="clusters.cancel", on_click=guarded(job.cancel))


def _step(job: Job, *, arranges: bool) -> str:
    """What is done now: reading a model tells nothing, then samples are embedded, grouped, and arranged."""
    if arranges:
        return "Arranging the map …"
    if not job.total:
        return "Getting the model ready …"
    return "Grouping …" if job.done >= job.total else " · ".join(facts(job))
