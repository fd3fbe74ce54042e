"""The parts of the Keyword Filter page that are there to find by meaning: the switch, the words, how it goes."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import streamlit as st

from app.elements.watcher import facts, watch
from app.keyword_filter.meaning import WORDS, best_of, found_records, in_words, index_of, take_words, try_again
from app.samples.meaning import SHOWN, MeaningState, Question, ask
from app.session.messages import guarded, notice, plain, show_error
from app.session.open_dataset import is_table
from app.session.state import AppState
from lib import cache
from lib.domain import By, ImageRecord
from lib.embedding.registry import methods
from lib.errors import Cancelled, ToolkitError
from lib.jobs.runner import Job
from lib.review.joint_pictures import JOINT
from lib.review.ways_out import with_way_out

_SWITCH, _TOP, _PICTURES = "filter.by_meaning", "filter.top", "filter.pictures"
_HELP = "Find what means nearest to some words, or is most like a sample, whichever words its caption has"
_INSTEAD = "Or find by keywords, which needs no model."


def meaning_switch(state: AppState) -> None:
    """What turns the page from keywords to meaning and back."""
    kept = state.of(MeaningState)
    if st.session_state.get(_SWITCH) != kept.is_on:
        st.session_state[_SWITCH] = kept.is_on
    st.toggle(
        "By meaning", kept.is_on, key=_SWITCH, on_change=guarded(functools.partial(_switch, state), "samples"),
        disabled=is_table(state),
        help="Needs vectors of image files, and the pictures of a table lie in its rows." if is_table(state) else _HELP,
    )  # fmt: skip


def _switch(state: AppState) -> None:
    state.of(MeaningState).is_on = bool(st.session_state[_SWITCH])


def _to_keywords(state: AppState) -> None:
    state.of(MeaningState).is_on = False


def words_box(state: AppState) -> None:
    """The words that are looked for, taken over while they are typed."""
    words = state.of(MeaningState).question.words
    if str(st.session_state.get(WORDS) or "").strip() != words.strip():
        st.session_state[WORDS] = words
    st.text_input(
        "What is to be seen", words, key=WORDS, placeholder="a dog that runs on a beach", width="stretch", live=True,
        on_change=guarded(functools.partial(take_words, state), "samples"),
    )  # fmt: skip


def top_field(state: AppState) -> None:
    """How many of the best are shown."""
    kept = state.of(MeaningState)
    if st.session_state.get(_TOP) != kept.top:
        st.session_state[_TOP] = kept.top

    def take() -> None:
        kept.top = st.session_state[_TOP] or kept.top

    st.selectbox(
        "How many", SHOWN, SHOWN.index(kept.top), lambda count: f"The best {count}", key=_TOP, width=180,
        on_change=guarded(take, "samples"),
    )  # fmt: skip


def nearest(state: AppState) -> Sequence[ImageRecord]:
    """Show what is looked for, by what, and how that goes; gives what was found among the images in scope."""
    kept = state.of(MeaningState)
    with st.container(gap="xsmall", key="filter-meaning"):
        _sample(state, kept.question)
        _pictures_by(state)
        if not kept.question:
            st.caption(plain(_beforehand(state)))
            return []
        index, job = index_of(state)
        if job is not None:
            _going_on(state, job)
        if index is None:
            return []
        try:
            best_of(state, index)
        except ToolkitError as error:
            _refused(state, error)
            return []
        records = found_records(state)
        what = "found" if kept.question.like else in_words(kept.question)
        said = f"{len(records):,} {what}, the best first." if records else "Nothing is found."
        st.caption(plain(f"{said} {index.about}"), help=_NUMBERS)
    return records


_NUMBERS = (
    "The number beside a sample says how much nearer it is than the usual one: 0 is the mean of all samples, and two"
    " in three lie between -1 and +1."
)


def _sample(state: AppState, question: Question) -> None:
    """The sample that others are to be like, with the ways to ask otherwise."""
    if not question.like:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(plain(f"M{in_words(question)[1:]}"), width="content")
        other: By = "tags" if question.by == "images" else "images"
        label = "by caption instead" if other == "tags" else "by picture instead"
        turn = guarded(functools.partial(ask, state, Question(like=question.like, by=other)), "samples")
        st.button(label, key="filter.like_other", type="tertiary", on_click=turn)
        clear = guarded(functools.partial(ask, state, Question()), "samples")
        st.button("Clear", key="filter.like_clear", icon=":material/close:", type="tertiary", on_click=clear)


def _pictures_by(state: AppState) -> None:
    """The choice of a model that knows pictures and words in one space, where one is here."""
    kept = state.of(MeaningState)
    joint = cache.embedder(JOINT)
    if not joint.is_here():
        return
    choices = {"": "The captions of pictures like them", JOINT: joint.label}
    if st.session_state.get(_PICTURES) != kept.pictures:
        st.session_state[_PICTURES] = kept.pictures

    def take() -> None:
        kept.pictures = st.session_state[_PICTURES] or ""

    st.radio(
        "Words find pictures by", list(choices), list(choices).index(kept.pictures), choices.__getitem__,
        key=_PICTURES, horizontal=True, on_change=guarded(take, "samples"),
    )  # fmt: skip


def _beforehand(state: AppState) -> str:
    """By which vectors it is going to be, and whether their models are here."""
    text = cache.embedder(methods("tags")[0])
    chosen = state.of(MeaningState).pictures
    pictures = [cache.embedder(name) for name in ([chosen] if chosen else methods("images"))]
    picture = next((one for one in pictures if one.is_here()), pictures[0])
    missing = [one.label for one in (text, picture) if not one.is_here()]
    said = f"Captions are compared by {text.label}, pictures by {picture.label}."
    if missing:
        said += f" {' and '.join(missing)} not on this machine: the first search will try to fetch that."
    how = "" if chosen else ", by what is said of pictures like them"
    return f"{said} Pictures without a caption are found, too{how}."


def _going_on(state: AppState, job: Job) -> None:
    if job.is_active:
        watch(job, every=0.4, show=_progress)
        return
    again = guarded(functools.partial(try_again, state), "samples")
    if isinstance(job.error, Cancelled):
        notice("info", "Stopped.", "What was read is kept: the next search goes on from there.")
        st.button("Go on", key="filter.meaning_again", on_click=again)
    elif job.error is not None:
        _refused(state, job.error)
        st.button("Try again", key="filter.meaning_again", type="tertiary", on_click=again)


def _refused(state: AppState, error: ToolkitError) -> None:
    show_error(with_way_out(error, _INSTEAD))
    back = guarded(functools.partial(_to_keywords, state), "samples")
    st.button("Find by keywords instead", key="filter.keywords", icon=":material/alt_route:", on_click=back)


def _progress(job: Job) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.share)
        st.caption(" · ".join(facts(job)), width="content")
        if job.is_cancelled():
            st.caption("Stopping …", width="content")
        else:
            st.button("Cancel", key="filter.meaning_cancel", on_click=guarded(job.cancel))
