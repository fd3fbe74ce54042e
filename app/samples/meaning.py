"""What is to be found by meaning: words, or a sample that others are like. The Keyword Filter page finds it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self
from weakref import ref

import streamlit as st

from app.samples.editing import take_typed
from app.samples.scope import set_scope
from app.session.messages import guarded
from app.session.open_dataset import is_table, record_of
from app.session.state import AppState, RoomState, Selected
from lib.domain import By
from lib.review.find import FoundSample, MeaningIndex
from lib.scope import Scope

SHOWN = (24, 48, 96, 200, 500)
"""How many of the best can be shown."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: some words, or a sample by its picture or its caption."""

    words: str = ""
    like: str = ""
    by: By = "images"

    def __bool__(self) -> bool:
        return bool(self.words.strip() or self.like)


@dataclass(frozen=True, slots=True)
class MeaningAnswer:
    """What was found last, and for what: good while none of it has changed."""

    index: ref[MeaningIndex]
    """Not held: once nobody has searched for long the vectors are let go."""
    asked: tuple[Question, int]
    selected: Selected | None
    found: list[FoundSample]


@dataclass
class MeaningState(RoomState):
    """The search by meaning: whether it is on, and what it is for."""

    link_names = ("by_meaning", "near", "like", "like_by", "best")

    is_on: bool = False
    question: Question = field(default_factory=Question)
    top: int = SHOWN[1]
    pictures: str = ""
    """The method by which pictures are compared, "" for the first that is here."""
    answer: MeaningAnswer | None = None
    loaded: tuple[Scope, Scope] | None = None
    """The scope before its best were made the scope, and that one: other words look where those before them did."""

    def after_opening(self, *, is_other: bool) -> Self:
        """Reading the folder again leaves the search as it is."""
        return type(self)() if is_other else replace(self, answer=None)

    def to_link(self) -> Mapping[str, str]:
        """The words, or the sample that others are to be like, while the search is on."""
        if not self.is_on:
            return {}
        parts = {
            "by_meaning": "1",
            "near": self.question.words.strip(),
            "like": self.question.like,
            "like_by": "caption" if self.question.like and self.question.by == "tags" else "",
            "best": str(self.top) if self.top != SHOWN[1] else "",
        }
        return {name: value for name, value in parts.items() if value}

    def from_link(self, address: Mapping[str, str]) -> None:
        """Ask again what the address says; one without a search turns it off, and its words stay in the box."""
        self.is_on = address.get("by_meaning") == "1"
        if not self.is_on:
            return
        by: By = "tags" if address.get("like_by") == "caption" else "images"
        like = address.get("like", "")
        self.question = Question(like=like, by=by) if like else Question(address.get("near", ""))
        self.top = next((count for count in SHOWN if str(count) == address.get("best")), SHOWN[1])

    def image_renamed(self, state: AppState, old: str, new: str) -> None:
        """What is like an image stays like it."""
        if self.question.like == old:
            self.question = Question(like=new, by=self.question.by)


def ask(state: AppState, question: Question) -> None:
    """Look for something else, among the images that were looked through before."""
    kept = state.of(MeaningState)
    if question == kept.question:
        return
    kept.question = question
    if kept.loaded is not None and state.scope == kept.loaded[1]:
        before, kept.loaded = kept.loaded[0], None
        set_scope(state, before)


def more_like_this(state: AppState, name: str, *, key: str) -> None:
    """Two buttons in a row that lead to the samples most like one, on the Keyword Filter page."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}-row"):
        st.caption("More like this", width="content")
        for by, label in _WAYS.items():
            look = guarded(functools.partial(_look, state, name, by), "text")
            pressed = st.button(
                label, key=f"{key}.{by}", type="tertiary", help=_HELP[by], on_click=look, disabled=is_table(state)
            )
            if pressed and "text" not in state.errors:
                st.switch_page("../pages/keyword_filter.py")


_WAYS: dict[By, str] = {"images": "by picture", "tags": "by caption"}
_HELP: dict[By, str] = {
    "images": "Samples whose pictures are most like this one, the nearest first",
    "tags": "Samples whose captions mean nearest to this one, the nearest first",
}


def _look(state: AppState, name: str, by: By) -> None:
    take_typed(state)
    record_of(state, name)
    state.of(MeaningState).is_on = True
    ask(state, Question(like=name, by=by))
