"""Of near-duplicates which one is kept, with which caption, and what becomes of the others."""

from __future__ import annotations

import functools

import streamlit as st

from app.review.acting import keep_image
from app.review.state import ReviewState
from app.session.messages import guarded
from app.session.open_dataset import opened
from app.session.state import AppState
from lib.review import Finding
from lib.review.duplicates.captions import joined
from lib.review.duplicates.keeping import proposed_caption
from lib.text import counted

_STAYS = "The others stay in their folder; exports, clusters, edits and runs pass them over."


def kept_caption(state: AppState, place: int, finding: Finding) -> str:
    """The caption that the twin which is shown large gets when it is kept, as it is chosen now."""
    choices = _choices(state, finding)
    chosen = st.session_state.get(_field(state, place))
    return chosen if chosen in choices else choices[0]


def keep_buttons(state: AppState, place: int, finding: Finding) -> None:
    """The choice of that caption, and the buttons that keep the twin."""
    image, choices = state.of(ReviewState).image, _choices(state, finding)
    if len(choices) > 1:
        st.selectbox(
            "With the caption", choices, choices.index(kept_caption(state, place, finding)), width=240,
            label_visibility="collapsed", key=_field(state, place),
            format_func=lambda text: " ".join(text.split()) or "(none)",
        )  # fmt: skip
    caption = kept_caption(state, place, finding)
    count = len(_texts(state, finding)) - 1
    keep = guarded(functools.partial(keep_image, state, place, image, caption), "review")
    others = counted(count, "other")
    st.button(f"Keep this, set {others} aside `F`", key="review.mend", on_click=keep)
    mark = guarded(functools.partial(keep_image, state, place, image, caption, leaves_out=True), "review")
    st.button(f"Keep this, leave {others} out `K`", key="review.keep", on_click=mark, help=_STAYS)


def _field(state: AppState, place: int) -> str:
    return f"review.caption.{place}.{state.of(ReviewState).image}"


def _texts(state: AppState, finding: Finding) -> dict[str, str]:
    dataset, _ = opened(state)
    return {name: record.text for name in finding.images if (record := dataset.get(name)) is not None}


def _choices(state: AppState, finding: Finding) -> list[str]:
    """The captions that it may get, the proposed one first; together they are one more."""
    page, texts = state.of(ReviewState), _texts(state, finding)
    groups = page.reviewed.review.groups if page.reviewed is not None else ()
    captions = next((one.captions for one in groups if one.images == finding.images), "contradict")
    own = texts[page.image]
    others = list(dict.fromkeys(text for text in texts.values() if text.strip()))
    proposed = proposed_caption([own, *others], captions)
    choices = list(dict.fromkeys([proposed, own, *others]))
    return choices + ([joined(others)] if len(others) > 1 else [])
