"""The title line: which images, how they are judged, for which trainer, what was measured, and Measure again."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from app.elements.button_keys import button_keys
from app.elements.keys_table import keys_table
from app.elements.watcher import stop_button, watch
from app.review.measured import measured_words, takes_words
from app.review.running import begin_review, forget_review, measure, measure_all, measure_for, take_up_review
from app.review.state import NOT_OF_ROWS, ReviewState
from app.samples.marking import STAR_KEYS
from app.samples.navigate import reload
from app.samples.provider_picker import choice_in_words
from app.samples.scope import records_in_scope
from app.samples.scope_bar import scope_chip, scope_choices
from app.session.messages import guarded, notice, plain, show_error, show_kept
from app.session.open_dataset import is_table
from app.session.state import AppState
from lib.domain import ImageRecord
from lib.errors import Cancelled
from lib.jobs.runner import Job
from lib.review.agreement.registry import SCORERS
from lib.review.trainers.profiles import profile, trainers

_TARGET, _SCORER, _TRIGGER, _WORST = "review.target", "review.scorer", "review.trigger", "review.ask_worst"
KEYS = {
    "Space": "right as it is: remembered, until picture or caption changes",
    "E": "edit the caption",
    "G": "have a new caption written, to stand beside the one that is there",
    "F": "mend it as proposed",
    "K": "of near-duplicates keep the one that is shown, and leave the others out",
    "X": "leave the image out of exports, clusters and edits; it stays where it is",
    "A": "set the image aside, with its caption",
    **STAR_KEYS,
    "→ ←": "next and previous finding",
    "?": "this table",
}
"""What each key does; none of them while a box has the focus."""
_BUTTONS = {
    " ": "review.right",
    "e": "review.edit",
    "f": "review.mend",
    "k": "review.keep",
    "g": "review.generate",
    "x": "review.leave_out",
    "a": "review.aside",
    "ArrowRight": "review.next",
    "ArrowLeft": "review.previous",
}


def review_bar(state: AppState) -> Job | None:
    """Show it in a row, with the choice of images below; gives the review that goes on, or the latest one."""
    with st.container(key="review-head"):
        row = st.container(horizontal=True, vertical_alignment="center", key="review-bar")
        records = scope_choices(state)
        begin_review(state, records)
        job = take_up_review(state)
        with row:
            st.title("Review", anchor=False, width="content")
            with st.container(width="content"):
                scope_chip(state, records)
            _controls(state, records, job)
        review_progress(state, job)
        button_keys(_BUTTONS, key="review-button-keys", writing="e")
    return job


def _controls(state: AppState, records: Sequence[ImageRecord], job: Job | None) -> None:
    page = state.of(ReviewState)
    _judged_by(state, records)
    _trained_with(state, records)
    with st.container(key="review-measured"):
        st.caption(plain(measured_words(state, records)), text_alignment="right")
    again = guarded(functools.partial(_again, state), "review")
    is_active = job is not None and job.is_active
    st.button("Measure again", key="review.again", on_click=again, disabled=is_active or not records)
    if page.asked.is_quick:
        everything = guarded(functools.partial(_everything, state), "review")
        st.button(
            "Measure all", key="review.all", type="primary", on_click=everything,
            help=NOT_OF_ROWS if is_table(state) else takes_words(records),
            disabled=is_active or not records or is_table(state),
        )  # fmt: skip
    keys_table(KEYS, note="No key does anything while you type into a box.", key="review-keys")


def review_progress(state: AppState, job: Job | None) -> None:
    """Show how far a review is, or why there is none; then what was not measured, or is older than the captions."""
    show_kept("review")
    if job is not None and job.is_active:
        watch(job, every=0.4, show=_going_on)
    elif job is not None and job.error is not None:
        if isinstance(job.error, Cancelled):
            notice("info", job.error.message, job.error.hint)
        else:
            show_error(job.error)
        st.button(
            "Dismiss", key="review.dismiss", type="tertiary", on_click=guarded(functools.partial(forget_review, state))
        )


def _going_on(job: Job) -> None:
    """In one line, so that the finding below keeps its place in the window."""
    with st.container(horizontal=True, vertical_alignment="center", key="review-progress"):
        words = "Stopping" if job.is_cancelled() else "Measuring"
        st.progress(job.share, text=f"{words} … {job.share:.0%}, {job.seconds:.0f} s")
        stop_button(job)


def _judged_by(state: AppState, records: Sequence[ImageRecord]) -> None:
    asked = state.of(ReviewState).asked
    label = SCORERS[asked.scorer].label
    help = NOT_OF_ROWS if is_table(state) else None
    with st.popover(f"Fit judged by {plain(_small(label))}", disabled=is_table(state), help=help):
        names = list(SCORERS)
        st.session_state.setdefault(_SCORER, asked.scorer)
        st.radio(
            "Whether a caption fits its picture is judged by", names, key=_SCORER,
            format_func=lambda name: SCORERS[name].label, captions=[SCORERS[name].about for name in names],
            on_change=guarded(functools.partial(_ask_anew, state, records), "review"),
        )  # fmt: skip
        if SCORERS[asked.scorer].asks:
            st.session_state.setdefault(_WORST, asked.ask_worst)
            st.number_input(
                "How many of the worst it is asked about", 1, 100_000, key=_WORST,
                on_change=guarded(functools.partial(_ask_anew, state, records), "review"),
            )  # fmt: skip
            st.caption(plain(f"Asked is {choice_in_words(state)}: as under Sample, at the right."))


def _small(label: str) -> str:
    return label.removeprefix("The dataset's ")


def _trained_with(state: AppState, records: Sequence[ImageRecord]) -> None:
    asked = state.of(ReviewState).asked
    with st.popover(f"For {plain(profile(asked.target).label)}" if asked.target else "For any trainer"):
        ask = guarded(functools.partial(_ask_for_trainer, state, records), "review")
        st.session_state.setdefault(_TARGET, asked.target)
        st.selectbox(
            "The trainer", ["", *trainers()], key=_TARGET, on_change=ask,
            format_func=lambda name: profile(name).label if name else "Any: hints of all",
        )  # fmt: skip
        st.session_state.setdefault(_TRIGGER, asked.trigger)
        st.text_input("Trigger word that every caption is to begin with", key=_TRIGGER, on_change=ask)
        _ready(state)


def _ready(state: AppState) -> None:
    reviewed = state.of(ReviewState).reviewed
    if reviewed is None:
        return
    for name, is_ready in reviewed.review.ready.items():
        st.caption(plain(f"{profile(name).label}: {'can read it as it is' if is_ready else 'not ready'}"))


def _ask_anew(state: AppState, records: Sequence[ImageRecord]) -> None:
    kept, page = st.session_state, state.of(ReviewState)
    asked = replace(
        page.asked,
        scorer=kept[_SCORER],
        ask_worst=kept.get(_WORST) or page.asked.ask_worst,
    )
    measure(state, records, asked)


def _ask_for_trainer(state: AppState, records: Sequence[ImageRecord]) -> None:
    kept = st.session_state
    measure_for(state, records, kept[_TARGET] or "", (kept[_TRIGGER] or "").strip())


def _again(state: AppState) -> None:
    measure(state, _as_on_disk(state), state.of(ReviewState).asked)


def _everything(state: AppState) -> None:
    measure_all(state, _as_on_disk(state))


def _as_on_disk(state: AppState) -> Sequence[ImageRecord]:
    """The images in scope, as other programs have left them."""
    reload(state)
    return records_in_scope(state)
