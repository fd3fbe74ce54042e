"""Which images an action is about: said in words with their count, and chosen where that is opened."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Literal

import streamlit as st

from app.elements.watcher import watch
from app.samples.query_help import query_help
from app.samples.scope import (
    KEYS,
    awaited,
    clear_scope,
    left_out_now,
    records_in_scope,
    show_left_out,
    take_scope,
    typed_scope,
)
from app.samples.state import ScopeBarState
from app.session.messages import guarded, notice, plain, show_error
from app.session.open_dataset import preferences
from app.session.state import AppState
from lib.domain import ImageRecord
from lib.errors import InvalidInput
from lib.scope import Scope, in_words
from lib.text import counted

_CHOICES = {"": "All images", "tagged": "Tagged", "untagged": "Untagged"}


def scope_bar(state: AppState) -> Sequence[ImageRecord]:
    """The choice of images in words, which opens; gives those that it selects."""
    # In places of their own: what comes into one of them does not make the others anew.
    words = st.container()
    records = scope_choices(state)
    with words:
        scope_chip(state, records)
    return records


def scope_choices(state: AppState) -> Sequence[ImageRecord]:
    """The choices where they are open, for below the chip; gives the images that they select."""
    with st.container(key="scope-choices"):
        if choices_are_open(state):
            with st.container(horizontal=True, vertical_alignment="bottom"):
                conditions(state)
                query_box(state, "Whose tag holds", "any of these words, with commas between", width=340)
            with st.container(horizontal=True, vertical_alignment="center"):
                switches(state)
                query_help(state)
        with st.container(gap="xsmall"):
            return scope_records(state)


def conditions(state: AppState) -> None:
    """Everything of a scope but its query."""
    st.segmented_control(
        "Images",
        list(_CHOICES),
        default=_field(state, "tagged"),
        format_func=_CHOICES.__getitem__,
        key=KEYS["tagged"],
        required=True,
        on_change=taking(state),
    )
    folders = _folders(state)
    if folders:
        choices = ["", *folders]
        place = choices.index(_field(state, "folder"))
        st.selectbox("Folder", choices, place, _folder_label, key=KEYS["folder"], on_change=taking(state), width=180)
    if _has_problems(state):
        value = _field(state, "has_problems")
        st.checkbox("With problems only", value, key=KEYS["has_problems"], on_change=taking(state))


def query_box(state: AppState, label: str, placeholder: str, *, width: int | Literal["stretch"]) -> None:
    """The words that the captions are to hold, taken over while they are typed."""
    value = _field(state, "query")
    st.text_input(
        label, value, key=KEYS["query"], placeholder=placeholder, on_change=taking(state), width=width, live="150ms"
    )


def switches(state: AppState) -> None:
    """How the query is read."""
    # Not in a popover: the browser makes its fields when it is opened, and would report what they held at another time.
    for part, label in (
        ("every_keyword", "Every keyword"),
        ("whole_words", "Whole words"),
        ("regex", "Regular expressions"),
    ):
        st.checkbox(label, _field(state, part), key=KEYS[part], on_change=taking(state))


def scope_records(state: AppState) -> Sequence[ImageRecord]:
    """The images in scope; what is wrong with the query is said."""
    records: Sequence[ImageRecord] = []
    _take_up(state)
    if state.refused is not None and state.refused.refusal is not None:
        show_error(state.refused.refusal)
    try:
        records = records_in_scope(state)
    except InvalidInput as error:
        if state.refused is None or error is not state.refused.refusal:
            show_error(error)
    watch(awaited(state), every=0.5)
    return records


def _take_up(state: AppState) -> None:
    """Try again what was typed, once what it had to wait for is there."""
    job = state.refused.waits_for if state.refused is not None else None
    if job is not None and not job.is_active:
        _take(state)
        # The address was drawn before.
        st.rerun()


def scope_note(state: AppState, records: Sequence[ImageRecord]) -> None:
    """The scope in words with its count, for the place beside a button."""
    left = len(left_out_now(state))
    out = f", {left:,} left out" if left else ""
    count = counted(len(records), "image")
    st.caption(plain(f"All {count}{out}" if state.scope == Scope() else f"{in_words(state.scope)}: {count}{out}"))


def draft_note(state: AppState, records: Sequence[ImageRecord]) -> None:
    """Say where text waits that was typed and not saved: a bulk edit does not see it."""
    if state.store is None or not (drafts := set(preferences(state).drafts(state.store.root))):
        return
    count = sum(record.name in drafts for record in records)
    if count:
        some = "One image has" if count == 1 else f"{count:,} images have"
        notice(
            "warning",
            f"{some} text that was typed but not saved. Changes are made to the saved text.",
            "Your typed text gets them, too. Where both touch the same words, the Tagging page lets you choose.",
        )


def taking(state: AppState) -> functools.partial[None]:
    """The callback of whatever makes the scope what the scope bar holds."""
    return functools.partial(guarded(_take), state)


def _take(state: AppState) -> None:
    # What is wrong with the query is told below its box for as long as it stands there.
    with suppress(InvalidInput):
        take_scope(state)


def _field(state: AppState, part: str) -> Any:
    """Let a field show what is typed or chosen now, wherever it was chosen; gives the value that it is to begin with.

    Both are needed: two runs of a page that follow one another quickly are one to the browser, which then makes the
    field by the second run, in which nothing is set any more.
    """
    value = getattr(typed_scope(state), part)
    if st.session_state.get(KEYS[part]) != value:
        st.session_state[KEYS[part]] = value
    return value


def _folders(state: AppState) -> list[str]:
    """The folders that have images below the open one, and the one in scope, even if it is gone."""
    assert state.dataset is not None
    found = {name for name, count in state.dataset.folders.items() if name and count}
    return sorted(found | ({typed_scope(state).folder} - {""}))


def _folder_label(folder: str) -> str:
    return folder if folder else "All folders"


def _has_problems(state: AppState) -> bool:
    dataset = state.dataset
    assert dataset is not None
    return bool(state.scope.has_problems or dataset.undecodable or dataset.unreadable or dataset.unsettled())


def choices_are_open(state: AppState) -> bool:
    """True where the choices are shown below the scope in words."""
    # What was typed and cannot be used is to be seen.
    return state.of(ScopeBarState).is_open or state.refused is not None


def scope_chip(state: AppState, records: Sequence[ImageRecord]) -> None:
    """The scope in words, with the way to its choices and back."""
    label = "done" if choices_are_open(state) else "change"
    turn = guarded(functools.partial(_turn, state))
    _line(state, records, lambda: st.button(label, key="scope.change", type="tertiary", on_click=turn))


def _turn(state: AppState) -> None:
    # A field that was filled in just before this click is taken over first.
    _take(state)
    bar = state.of(ScopeBarState)
    bar.is_open = not choices_are_open(state)


def _line(state: AppState, records: Sequence[ImageRecord], change: Callable[[], object]) -> None:
    assert state.dataset is not None
    total = len(state.dataset)
    is_all, left = state.scope == Scope(), len(left_out_now(state))
    words = f"{in_words(state.scope)} · {len(records):,} of {total:,}"
    if is_all:
        words = f"{len(records):,} of {counted(total, 'image')}" if left else f"All {counted(total, 'image')}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content", key="scope-line"):
        st.caption(plain(words), width="content")
        if left:
            show = guarded(functools.partial(show_left_out, state))
            about = "Exports, clusters, edits and runs pass these images over. Click to see them."
            st.button(f"{left:,} left out", key="scope.left_out", type="tertiary", help=about, on_click=show)
        change()
        if not is_all or state.refused is not None:
            clear = guarded(functools.partial(clear_scope, state))
            st.button("Clear", key="scope.clear", icon=":material/close:", type="tertiary", on_click=clear)
