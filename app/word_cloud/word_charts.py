"""Bars of the top words, what is typical of the scope, and how the captions are as a whole."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.elements.charts import HERE, THERE, legible
from app.elements.pick_list import pick_list
from app.session.messages import guarded, notice
from app.session.state import AppState
from app.word_cloud.word_counts import REST, Loaded
from app.word_cloud.word_search import BARS, TYPICAL, find_opening, find_term, find_typical, key_of, show_repeated
from lib.words import Bar, Typical

VIEW = "words.view"
WIDE_VIEWS = ("Statistics",)
"""Those that fill the page from side to side."""

_BARS = 25
_TYPICAL = 12
"""Words on each side of the comparison."""
_LISTED = 100


def word_charts(state: AppState, loaded: Loaded) -> None:
    """Show one of them, as chosen."""
    views = ["Top words", "Statistics"]
    if loaded.typical:
        views.insert(1, "Typical words")
    elif loaded.options.against:
        _nothing_to_compare(loaded)
    if st.session_state.get(VIEW) not in views:
        st.session_state[VIEW] = views[0]
    view = st.segmented_control("Show", views, key=VIEW, required=True, label_visibility="collapsed")
    if view != "Statistics" and not loaded.counts.counted:
        st.caption("There is no word to count.")
    elif view == "Top words":
        rows = [{"word": word, "count": count} for word, count in loaded.counts.top(_BARS).items()]
        _bars(state, loaded, rows, BARS)
    elif view == "Typical words":
        _typical(state, loaded)
    else:
        _statistics(state, loaded)


def _nothing_to_compare(loaded: Loaded) -> None:
    if loaded.options.against == REST and not loaded.others:
        message, hint = "There is no rest to compare with: the whole folder is counted.", "Narrow the scope,"
    else:
        message, hint = "There is nothing to compare: one of the two sides has no words.", "Choose another side,"
    notice("info", message, f"{hint} then load it again.")


def _bars(state: AppState, loaded: Loaded, rows: list[dict[str, Any]], name: str) -> None:
    import altair as alt

    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(color=HERE, cornerRadiusEnd=2)
        .encode(
            alt.X("count:Q", title="Count"), _words_axis(alt, rows), opacity=_dimmed(alt), tooltip=_tips(alt, "count")
        )
    )
    _clickable(state, loaded, chart, name, rows)


def _typical(state: AppState, loaded: Loaded) -> None:
    import altair as alt

    ends = _both_ends(loaded.typical)
    st.caption("To the right: typical of the images that were counted. To the left: of those they are compared with.")
    rows = [{"word": one.term, "score": one.score, "here": one.here, "there": one.there} for one in ends]
    colour = alt.when("datum.score > 0").then(alt.value(HERE)).otherwise(alt.value(THERE))
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar()
        .encode(
            alt.X("score:Q", title="Standard errors from being equally common"),
            _words_axis(alt, rows),
            color=colour,
            opacity=_dimmed(alt),
            tooltip=_tips(alt, "here", "there"),
        )
    )
    _clickable(state, loaded, chart, TYPICAL, rows)


def _both_ends(typical: Sequence[Typical]) -> list[Typical]:
    here = [one for one in typical[:_TYPICAL] if one.score > 0]
    return here + [one for one in typical[-_TYPICAL:] if one.score < 0]


def _words_axis(alt: Any, rows: list[dict[str, Any]]) -> Any:
    axis = alt.Axis(labelLimit=220, labelOverlap=False)
    return alt.Y("word:N", title=None, sort=[row["word"] for row in rows], axis=axis)


def _dimmed(alt: Any) -> Any:
    return alt.when(alt.selection_point(name="word", fields=["word"])).then(alt.value(1)).otherwise(alt.value(0.45))


def _tips(alt: Any, *fields: str) -> list[Any]:
    return [alt.Tooltip("word:N"), *(alt.Tooltip(f"{field}:Q") for field in fields)]


def _clickable(state: AppState, loaded: Loaded, chart: Any, name: str, rows: Sequence[object]) -> None:
    """A chart of words of which a click on a bar finds the samples."""
    import altair as alt

    key = key_of(state, name)
    st.altair_chart(
        legible(chart).add_params(alt.selection_point(name="word", fields=["word"])),
        key=key,
        height=60 + 22 * len(rows),
        on_select=guarded(functools.partial(_clicked, state, loaded, name, key), "words"),
        alt="Words typical of either side, as bars" if name == TYPICAL else f"The {len(rows)} most frequent, as bars",
    )


def _clicked(state: AppState, loaded: Loaded, name: str, key: str) -> None:
    points = st.session_state[key]["selection"]["word"]
    if not points:
        return
    word = str(points[0]["word"])
    if name == TYPICAL:
        find_typical(state, loaded, word)
    else:
        find_term(state, loaded, word, name)


def _statistics(state: AppState, loaded: Loaded) -> None:
    left, middle, right = st.columns(3, gap="medium")
    with left:
        st.markdown("**Words in a caption**")
        _lengths(loaded.lengths)
    with middle:
        st.markdown(f"**How captions begin** ({len(loaded.openings):,})")
        begun = [(start, f"{start} …", f"{count:,}") for start, count in loaded.openings[:_LISTED]]
        pick = guarded(functools.partial(find_opening, state, loaded), "words")
        _list(begun, "Openings", pick, "No two captions begin with the same three words.")
    with right:
        st.markdown(f"**Captions that are the same** ({len(loaded.duplicates):,})")
        same = [
            (str(place), group[0].text, f"{len(group):,}") for place, group in enumerate(loaded.duplicates[:_LISTED])
        ]
        _list(same, "Same captions", _showing(state, loaded), "No two captions are the same.")


def _list(rows: list[tuple[str, str, str]], label: str, on_pick: Any, none: str) -> None:
    if rows:
        pick_list(rows, label=label, key=f"words.{label}", on_pick=on_pick, height="19rem")
    else:
        st.caption(none)


def _showing(state: AppState, loaded: Loaded) -> Any:
    def show(place: str) -> None:
        show_repeated(state, loaded, int(place))

    return guarded(show, "words")


def _lengths(bars: list[Bar]) -> None:
    import altair as alt

    rows = [{"from": bar.first, "to": bar.last + 1, "captions": bar.captions} for bar in bars]
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(color=HERE)
        .encode(
            alt.X("from:Q", title="Words", bin="binned"),
            alt.X2("to:Q"),
            alt.Y("captions:Q", title="Captions"),
            tooltip=[alt.Tooltip("from:Q"), alt.Tooltip("captions:Q")],
        )
    )
    st.altair_chart(legible(chart), height=300, alt="How many captions have how many words")
