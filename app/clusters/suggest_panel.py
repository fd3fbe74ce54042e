"""Which number of clusters fits: tried, shown, taken over."""

from __future__ import annotations

import functools
from typing import Any

import streamlit as st

from app.clusters.making import ways_out
from app.clusters.state import ClustersState
from app.clusters.suggesting import Suggested, is_outdated, suggest, suggesting, take_suggestion
from app.elements.charts import HERE, THERE, legible
from app.elements.watcher import watch
from app.session.messages import guarded, notice, show_error
from app.session.state import AppState
from lib.clustering import Suggestion
from lib.domain import ClusterSpec
from lib.errors import Cancelled, MemoryShort, MissingDependency, ModelUnavailable
from lib.jobs.runner import Job

_CURVES = {"spread": "Spread (inertia a sample)", "silhouette": "Silhouette"}
_TELLING = 0.25
"""Below it a silhouette says little."""


def suggest_panel(state: AppState, spec: ClusterSpec) -> None:
    """Offer to try numbers of clusters; then show how they do."""
    with st.popover("Suggest k", key="clusters.suggesting"):
        job = suggesting(state, spec)
        if job is None or not job.is_active:
            ask = guarded(functools.partial(suggest, state, spec), "clusters")
            st.button("Suggest", key="clusters.suggest", icon=":material/lightbulb:", on_click=ask)
        if job is None:
            st.caption("Tries every number from 2 to 30 with the method that is chosen above.")
        elif job.is_active:
            watch(job, every=0.5, show=_trying)
        elif isinstance(job.error, Cancelled):
            notice("info", "Stopped.", "What was embedded before is kept.")
        elif job.error is not None:
            show_error(job.error)
            if isinstance(job.error, (MemoryShort, ModelUnavailable, MissingDependency)):
                _ways_out(state, spec)
        elif isinstance(job.result, Suggested):
            if is_outdated(state, spec, job.result):
                what = "Captions" if spec.by == "tags" else "Samples"
                hint = "Press Suggest to try again; only what is new is embedded."
                notice("warning", f"{what} changed since these numbers were tried.", hint)
            _suggested(state, job.result.suggestion)


def _ways_out(state: AppState, spec: ClusterSpec) -> None:
    """As where Load fails for want of a model: the form turns to a method that can be had, and that is tried."""
    for name, other in ways_out(spec).items():
        instead = guarded(functools.partial(_try, state, other), "clusters")
        key = f"clusters.suggest.instead.{other.method}"
        st.button(f"Try {name} instead", key=key, icon=":material/alt_route:", on_click=instead)


def _try(state: AppState, spec: ClusterSpec) -> None:
    state.of(ClustersState).spec = spec
    suggest(state, spec)


def _trying(job: Job) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        words = f"{job.done:,} of {job.total:,} numbers tried" if job.total else "Getting ready"
        st.progress(job.share, text=words, width=420)
        if job.is_cancelled():
            st.caption("Stopping …", width="content")
        else:
            st.button("Cancel", key="clusters.suggest.cancel", on_click=guarded(job.cancel))


def _suggested(state: AppState, suggestion: Suggestion) -> None:
    k = suggestion.recommended
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Try {k:,} first.**", width="content")
        use = guarded(functools.partial(take_suggestion, state, k), "clusters")
        st.button(f"Use {k:,}", key="clusters.use_k", on_click=use)
    if suggestion.k:
        st.caption(_why(suggestion))
        for place, (field, title) in zip(st.columns(2), _CURVES.items(), strict=True):
            place.altair_chart(_curve(suggestion, field, title), height=260, alt=f"{title} for each number of clusters")
    st.caption(
        "Spread falls with every cluster more; past its knee it falls slowly. The silhouette says how well apart "
        "clusters are: 1 is best, below 0.25 it says little."
    )


def _why(suggestion: Suggestion) -> str:
    """What speaks for the number, and how much."""
    of = dict(zip(suggestion.k, suggestion.silhouette, strict=True))
    best = max(of, key=of.__getitem__)
    here = of.get(suggestion.recommended, of[best])
    if here >= _TELLING:
        return f"Its clusters are the most apart: silhouette {here:.2f}."
    return (
        f"Where the spread stops falling fast. No number stands out: the silhouette is {here:.2f} there and at most "
        f"{of[best]:.2f}, with {best:,}."
    )


def _curve(suggestion: Suggestion, field: str, title: str) -> Any:
    import altair as alt

    values = [
        {"k": k, "spread": inertia, "silhouette": silhouette, "recommended": k == suggestion.recommended}
        for k, inertia, silhouette in zip(suggestion.k, suggestion.inertia, suggestion.silhouette, strict=True)
    ]
    base = alt.Chart(alt.Data(values=values)).encode(x=alt.X("k:Q", title="Number of clusters"))
    rule = base.transform_filter("datum.recommended").mark_rule(strokeDash=[4, 4], color=THERE, size=2)
    tips = [alt.Tooltip("k:Q"), alt.Tooltip(f"{field}:Q", format=".3f")]
    y = alt.Y(f"{field}:Q", title=title, scale=alt.Scale(zero=False))
    line = base.mark_line(color=HERE, point={"color": HERE}).encode(y=y, tooltip=tips)
    return legible(line + rule)
