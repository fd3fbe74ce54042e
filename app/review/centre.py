"""What stands in the middle: findings of the kind that was chosen, or why there is none."""

from __future__ import annotations

import functools
import html
from collections.abc import Mapping

import streamlit as st

from app.review.acting import choose_kind
from app.review.batch import batch, batch_words
from app.review.kinds import Kind
from app.review.stage import finding_words, stage
from app.review.state import ReviewState
from app.session.messages import guarded
from app.session.open_dataset import is_table, opened
from app.session.state import AppState
from lib.jobs.runner import Job
from lib.text import counted

_ONE, _GRID = "One at a time", "Grid"


def centre(state: AppState, kinds: Mapping[str, Kind], job: Job | None) -> bool:
    """Show the findings of the kind that was chosen; True where one of them is looked at."""
    page = state.of(ReviewState)
    if page.reviewed is None:
        st.caption("The findings come here." if job is not None and job.is_active else _nothing_yet())
        return False
    if page.kind not in kinds:
        if not kinds:
            _clean(state)
            return False
        if page.kind:
            _done(state, kinds)
            return False
        page.look_at(next(iter(kinds)))
    kind = kinds[page.kind]
    view = _GRID if page.is_batch else _ONE
    st.session_state["review.view"] = view
    with st.container(horizontal=True, vertical_alignment="center", key="review-view"):
        words = batch_words(kind) if page.is_batch else finding_words(state, kind)
        st.html(f"<h2 class='toolkit-finding' title='{html.escape(words)}'>{html.escape(words)}</h2>")
        st.segmented_control(
            "Show", (_ONE, _GRID), default=view, key="review.view", required=True, label_visibility="collapsed",
            on_change=guarded(functools.partial(_turn, state), "review"),
        )  # fmt: skip
    (batch if page.is_batch else stage)(state, kind)
    return not page.is_batch


def _turn(state: AppState) -> None:
    state.of(ReviewState).is_batch = st.session_state["review.view"] == _GRID


def _nothing_yet() -> str:
    return "Nothing has been measured yet: press Measure again."


def _done(state: AppState, kinds: Mapping[str, Kind]) -> None:
    """The last finding of a kind was dealt with: say so, and lead on."""
    st.html("<h2 class='toolkit-finding'>All of this kind are dealt with.</h2>")
    follow = next(iter(kinds))
    go = guarded(functools.partial(choose_kind, state, follow), "review")
    st.button("Go on with what is left", key="review.go_on", type="primary", on_click=go)


def _clean(state: AppState) -> None:
    """No finding: what that is worth depends on what was measured."""
    page, (dataset, _) = state.of(ReviewState), opened(state)
    reviewed = page.reviewed
    assert reviewed is not None
    if not reviewed.review.names:
        st.caption("No image is in scope, so nothing was measured.")
        return
    head = "Nothing to mend." if not page.settled else "Nothing left to mend."
    st.html(f"<h2 class='toolkit-finding'>{head}</h2>")
    missing = len({one.image for one in reviewed.review.not_measured})
    lines = [f"{counted(len(reviewed.review.names), 'image')} reviewed."]
    if missing:
        lines.append(f"{counted(missing, 'image')} could not be measured by every check.")
    if is_table(state):
        lines.append("Of a table captions alone are reviewed.")
    elif reviewed.asked.is_quick:
        lines.append("Fit, near-duplicates and pictures were not measured yet: press Measure all.")
    if not dataset.tagged:
        lines.append("There is no caption in this folder yet.")
    st.caption(" ".join(lines))
