"""The top of the Keyword Filter page: the keywords, how they are read, what they found, and the saved filters."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from app.elements.pick_list import pick_list
from app.keyword_filter.filters import (
    ORDERS,
    bring_back,
    choose_cluster,
    delete_filter,
    free_name,
    in_order,
    keyword_counts,
    orders,
    save_filter,
    use_filter,
)
from app.keyword_filter.meaning import make_scope_of_best
from app.keyword_filter.meaning_bar import meaning_switch, nearest, top_field, words_box
from app.keyword_filter.state import FilterState
from app.samples.cluster_choices import ClusterChoice, choice_of, cluster_choices
from app.samples.meaning import MeaningState
from app.samples.query_help import query_help
from app.samples.scope import saved_scope, take_scope, typed_scope
from app.samples.scope_bar import (
    choices_are_open,
    conditions,
    query_box,
    scope_chip,
    scope_choices,
    scope_records,
    switches,
    taking,
)
from app.session.messages import error_boundary, guarded, notice, plain
from app.session.open_dataset import opened, preferences
from app.session.state import AppState
from lib.domain import ImageRecord
from lib.keywords.fields.reviewed import AgreementField
from lib.scope import Scope, changed_since_review, in_words
from lib.text import counted

BEST_FIRST = "Likeness"
"""The order in which samples are found by meaning."""

_VIEWS = ("Gallery", "Table")
_NAME, _ORDER, _CLUSTER = "filter.name", "filter.order", "filter.cluster"
_MOST = 60
"""Characters of a saved filter that are shown beside its name."""
_CHOSEN = "chosen"
"""What stands for chosen images that are no cluster."""


def keyword_bar(state: AppState) -> tuple[Sequence[ImageRecord], str, str]:
    """Show it; gives the samples in the order that was chosen, that order, and how they are to be shown."""
    by_meaning = state.of(MeaningState).is_on
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if by_meaning:
            words_box(state)
        else:
            query_box(state, "Keywords", "cat, dog: captions that hold any of them", width="stretch")
            query_help(state)
        meaning_switch(state)
        best = guarded(functools.partial(make_scope_of_best, state), "samples")
        load = best if by_meaning else taking(state)
        st.button("Load filtered samples", key="filter.load", type="primary", on_click=load)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.container(width="content")
        _saved(state)
        order = BEST_FIRST
        if by_meaning:
            top_field(state)
        else:
            order = _order(state)
        view = st.segmented_control(
            "Show as", _VIEWS, default=_VIEWS[0], key="filter.view", required=True, persist_state="session"
        )
    records = scope_choices(state) if by_meaning else _choices(state)
    with words:
        scope_chip(state, records)
    if state.selected is None or state.selected.refusal is not None:
        return [], order, view
    if by_meaning:
        return nearest(state), order, view
    with error_boundary():
        _counts(state)
        _changed(state)
    return in_order(state, order), order, view


def _choices(state: AppState) -> Sequence[ImageRecord]:
    """The choices of the scope but its query, which has its box above; gives the images that it selects."""
    with st.container(key="scope-choices"):
        if choices_are_open(state):
            with st.container(horizontal=True, vertical_alignment="bottom"):
                conditions(state)
                _cluster(state)
            with st.container(horizontal=True, vertical_alignment="center"):
                switches(state)
        with st.container(gap="xsmall"):
            return scope_records(state)


def _cluster(state: AppState) -> None:
    """The clusters as a condition, beside whatever images were chosen otherwise; nothing where there is neither."""
    scope = typed_scope(state)
    choices: dict[ClusterChoice | str, str] = {"": "All"}
    choices.update(cluster_choices(state).items())
    now: ClusterChoice | str = ""
    if scope.names is not None:
        now = choice_of(state, scope) or _CHOSEN
    if now == _CHOSEN:
        choices[now] = in_words(Scope(names=scope.names, label=scope.label))
    if len(choices) == 1:
        return
    if st.session_state.get(_CLUSTER) != now:
        st.session_state[_CLUSTER] = now
    st.selectbox(
        "Cluster number", list(choices), list(choices).index(now), choices.__getitem__, key=_CLUSTER, width=200,
        on_change=guarded(functools.partial(_choose, state), "samples"),
    )  # fmt: skip


def _choose(state: AppState) -> None:
    if (choice := st.session_state[_CLUSTER]) != _CHOSEN:
        choose_cluster(state, choice or None)


def _order(state: AppState) -> str:
    choices = orders(state)
    if st.session_state.get(_ORDER, ORDERS[0]) not in choices:
        # Another folder was opened, which has no clusters.
        st.session_state[_ORDER] = ORDERS[0]
    return st.selectbox("Sort by", choices, key=_ORDER, persist_state="session", width=180)


def _counts(state: AppState) -> None:
    counted_in = keyword_counts(state)
    if counted_in is not None:
        others = replace(state.scope, query="", every_keyword=False, whole_words=False, regex=False)
        within = f" · {in_words(others)}" if others != Scope() else ""
        rows = [("", keyword, f"{count:,}") for keyword, count in counted_in.counts]
        with st.container(gap="xsmall"):
            st.caption(plain(f"Each keyword alone, of {counted(counted_in.images, 'image')}{within}"))
            pick_list(
                rows, label="Captions for each keyword", key="filter.counts", on_pick=lambda _: None, layout="wrap"
            )


def _changed(state: AppState) -> None:
    """Where fit is asked for: of how many captions nobody knows it, since they were changed."""
    if AgreementField.name in state.scope.query and (count := changed_since_review(opened(state)[0])):
        words = (
            f"{counted(count, 'caption')} changed since the review: no agreement is known of them before the next one."
        )
        st.caption(plain(words))


def _saved(state: AppState) -> None:
    with st.popover("Saved filters", icon=":material/bookmark:", type="tertiary"):
        saved = preferences(state).filters()
        if saved:
            use = guarded(functools.partial(use_filter, state), "samples")
            rows = [(name, name, _cut(in_words(saved_scope(state, name)))) for name in saved]
            pick_list(rows, label="Saved filters", key="filter.saved", on_pick=use)
            gone = st.selectbox("Delete one", ["", *saved], key="filter.gone")
            drop = guarded(functools.partial(delete_filter, state, gone), "samples")
            st.button("Delete", key="filter.delete", on_click=drop, disabled=not gone)
        if (deleted := state.of(FilterState).deleted) is not None:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(plain(f"“{deleted[0]}” was deleted."), width="content")
                back = guarded(functools.partial(bring_back, state), "samples")
                st.button("Take it back", key="filter.back", icon=":material/undo:", type="tertiary", on_click=back)
        st.text_input("Name for this filter", key=_NAME)
        keep = guarded(functools.partial(_save, state), "samples")
        st.button("Save this filter", key="filter.save", on_click=keep, disabled=state.scope == Scope())
        if (there := saved.get(state.of(FilterState).name_taken)) is not None:
            _taken(state, state.of(FilterState).name_taken, there)


def _cut(words: str) -> str:
    return words if len(words) <= _MOST else f"{words[:_MOST]} …"


def _taken(state: AppState, name: str, there: Mapping[str, str]) -> None:
    """Ask what is to become of another filter that is kept under the name already."""
    notice("warning", f"There is a filter “{name}” already: {in_words(saved_scope(state, name))}", "It is as it was.")
    other = free_name(state, name)
    both, over = functools.partial(_save, state, other), functools.partial(_save, state, name, there)
    with st.container(horizontal=True):
        label = plain(f"Keep both, this one as “{other}”")
        st.button(label, key="filter.both", on_click=guarded(both, "samples"))
        st.button("Replace it", key="filter.replace", type="tertiary", on_click=guarded(over, "samples"))


def _save(state: AppState, name: str = "", over: Mapping[str, str] | None = None) -> None:
    take_scope(state)
    name = name or str(st.session_state[_NAME] or "").strip()
    is_saved = save_filter(state, name, over)
    state.of(FilterState).name_taken = "" if is_saved else name
    if is_saved:
        st.session_state[_NAME] = ""
