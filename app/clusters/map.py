"""The map: what is bright on it, what a click or a lasso does, and what is said below it."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

import numpy as np
import streamlit as st

from app.clusters.crosstab import crosstab_panel
from app.clusters.lighting import lit_names
from app.clusters.loading import GALLERY, PANEL, load_samples, show_sample
from app.clusters.shown import closer_look, drawn_of, is_in_view, remember_selection, told
from app.clusters.state import ClustersState, Contents
from app.elements.map_figure import Drawn, Points, hovers_of, points_of
from app.elements.room_below import room_below
from app.elements.scatter import await_points, pick_points
from app.elements.theme import theme_now
from app.samples.sample_gallery import open_sample
from app.samples.state import Galleries
from app.session.messages import guarded
from app.session.open_dataset import current_name, opened, record_of
from app.session.state import AppState
from lib.clustering import ClusterResult, as_csv
from lib.column_texts import ColumnTexts, texts_at
from lib.dataset.base import Dataset
from lib.records import captions_of
from lib.text import counted

_MAP, _SELECT = "clusters.map", "clusters.select"
_BELOW = 84
"""Pixels that what is said below the map takes."""


def cluster_map(state: AppState, result: ClusterResult) -> None:
    """Show the map, and below it how the mouse works on it and how good the clusters are."""
    state.of(ClustersState).on_map, theme = result.layout_id, theme_now()
    selecting = bool(st.session_state.get(_SELECT))
    pick = functools.partial(load_selected if selecting else open_clicked, state, result)
    points = map_points(state, result, theme, bright_names(state, result))
    chosen = chosen_row(state, result)
    pick_safely = guarded(pick, "clusters")
    with _place() as height:
        pick_points(points, height=height, selecting=selecting, chosen=chosen, key=_MAP, on_pick=pick_safely)
    with st.container(horizontal=True, vertical_alignment="center", key="clusters-below"):
        st.toggle(
            "Select with box or lasso",
            key=_SELECT,
            persist_state="session",
            help="On: draw round points to load them. Off: click a point to open it, drag to move, scroll to zoom.",
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
        crosstab_panel(state)
        closer_look(state, result)
    st.caption(_quality(result, told(state, result)))


def awaited_map() -> None:
    """Show where the map will be, in the frame that it will be drawn in."""
    with _place() as height:
        await_points(theme_now(), height=height, selecting=bool(st.session_state.get(_SELECT)), key=_MAP)
    st.caption("The map comes here.")


@contextmanager
def _place() -> Iterator[int]:
    """Where the map stands; gives its height. While another map is being drawn in there nothing jumps."""
    height = room_below("clusters-window", above="clusters-bar", key="clusters.room") - _BELOW
    with st.container(height=height, border=False, key="clusters-points"):
        yield height


def map_points(state: AppState, result: ClusterResult, theme: str, bright: frozenset[str] | None) -> Points:
    """The map of a result with the captions of today, ready for the browser; with `bright` the others are grey."""
    dataset, _ = opened(state)
    return _points(result, dataset, dataset.version, theme, bright, drawn_of(state, result))


@lru_cache(maxsize=6)
def _points(
    result: ClusterResult,
    dataset: Dataset,
    version: int,
    theme: str,
    bright: frozenset[str] | None,
    drawn: Drawn | None,
) -> Points:
    return points_of(result, _hovers(result, dataset, version, drawn), theme, bright, drawn)


@lru_cache(maxsize=2)
def _hovers(result: ClusterResult, dataset: Dataset, version: int, drawn: Drawn | None) -> list[str]:
    names = result.names if drawn is None else texts_at(result.names, drawn.rows)
    return hovers_of(names, captions_of(dataset.snapshot(), names))


def bright_names(state: AppState, result: ClusterResult) -> frozenset[str] | None:
    """What stands out on the map: the cluster that is pointed at, else what was loaded; of either what is lit."""
    page, lit = state.of(ClustersState), lit_names(state)
    chosen: frozenset[str] | None = None
    if page.pointed is not None and page.pointed[0] == result.id:
        chosen = frozenset(result.members(page.pointed[1]))
    elif page.contents is not None:
        chosen = frozenset(page.contents.names)
    if chosen is None or lit is None:
        return lit if chosen is None else chosen
    return chosen & lit


def chosen_row(state: AppState, result: ClusterResult) -> int | None:
    """The row of the sample that is open beside the map, None where there is none or it is not on the map."""
    if not state.of(Galleries).at(PANEL).is_open:
        return None
    row = _row(result, current_name(state))
    return row if row is None or is_in_view(state, result, row) else None


def _row(result: ClusterResult, name: str) -> int | None:
    return result.names.find(name) if isinstance(result.names, ColumnTexts) else _rows(result).get(name)


@lru_cache(maxsize=4)
def _rows(result: ClusterResult) -> Mapping[str, int]:
    return {name: row for row, name in enumerate(result.names)}


def open_clicked(state: AppState, result: ClusterResult, rows: list[int]) -> None:
    """Open the sample that was clicked beside the map. Raises InvalidInput for one that is gone."""
    if rows:
        # Opened by its mere name, one that is gone would leave another image in the panel.
        record = record_of(state, result.names[rows[0]])
        open_sample(state, state.of(Galleries).at(PANEL), record.name)
        show_sample(state)
        state.of(Galleries).at(GALLERY).is_open = False


def load_selected(state: AppState, result: ClusterResult, rows: list[int]) -> None:
    """Load the samples that were selected into the gallery, those that are lit: of a large map those that are drawn."""
    remember_selection(state, result, rows)
    lit = lit_names(state)
    there = texts_at(result.names, np.asarray(sorted(rows), np.int64))
    names = tuple(name for name in there if lit is None or name in lit)
    if names:
        load_samples(state, Contents("Chosen on the map", names))


def _table(dataset: Dataset, result: ClusterResult) -> str:
    return as_csv(result, captions=captions_of(dataset.snapshot(), result.names))


def _quality(result: ClusterResult, shown: str) -> str:
    """What a person may want to know about a result, in one line without foreign text. `shown`: how much is drawn."""
    count, found = len(result.names), len(result.clusters)
    parts = [f"{counted(count, 'sample')} in {counted(found, 'cluster')}"]
    if shown:
        parts.append(shown)
    if found < result.spec.k:
        parts.append(f"no more than {found:,} are different")
    if result.left_out:
        parts.append(_who_is_left_out(result.left_out))
    if not result.is_brought:
        parts.append(f"silhouette {result.silhouette:.2f} (1 is best)")
        # Last, since the line is cut short where the map is narrow.
        parts.append(f"{result.dimensions} dimensions hold {result.explained_variance:.0%} of the variance")
    parts += result.notes
    return " · ".join(parts)


def _who_is_left_out(left_out: Mapping[str, int]) -> str:
    count = sum(left_out.values())
    said = f"{counted(count, 'sample')} {'takes' if count == 1 else 'take'} no part"
    if len(left_out) == 1:
        return f"{said} ({next(iter(left_out))})"
    return f"{said}: {', '.join(f'{number:,} ({reason})' for reason, number in left_out.items())}"
