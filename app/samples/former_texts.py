"""The former texts of the current image, each a click away from the text box."""

from __future__ import annotations

import functools
import html
from collections.abc import Sequence

import streamlit as st

from app.samples.editing import OpenImage, put_back
from app.samples.history_words import MARKS, exact_time, model_labels, time_ago, what, who, zone
from app.session.messages import guarded
from app.session.open_dataset import opened
from app.session.state import AppState
from lib.dataset.journal.former_texts import FormerText, former_texts
from lib.domain import Origin

_KEY = "tagging.history"

_LONGEST = 1500

_LISTED = 20


def former_panel(state: AppState, image: OpenImage) -> None:
    """A button that opens the list. The journal is read only while it is open."""
    popover = st.popover("History", key=_KEY, icon=":material/history:", type="tertiary", on_change="rerun")
    if popover.open:
        with popover:
            _list(state, image)


def _list(state: AppState, image: OpenImage) -> None:
    former = former_texts_of(state, image.record.sidecar)
    if not former:
        st.caption("This image has no other text yet.")
        return
    labels, here = model_labels(), zone()
    for number, one in enumerate(former):
        entry = one.entry
        facts = [f"until {time_ago(entry.at)}", "was there already"]
        if not one.was_found:
            why = what(entry.kind, entry.origin, labels)
            facts = [time_ago(entry.at), who(entry.by, state.owner), why, MARKS.get(entry.state, "")]
        spans = "".join(f"<span>{html.escape(fact)}</span>" for fact in facts if fact)
        text = one.text if len(one.text) <= _LONGEST else f"{one.text[:_LONGEST]} …"
        st.html(
            f"<div class='toolkit-facts' title='{html.escape(exact_time(entry.at, here))}'>{spans}</div>"
            f"<div class='toolkit-former'>{html.escape(text)}</div>{_asked(one)}"
        )
        st.button(
            "In the box" if one.text == image.text else "Put into the box",
            key=f"tagging.former.{number}",
            on_click=guarded(functools.partial(_put, state, image.name, one), "text"),
            disabled=image.read_only or one.text == image.text,
        )
    st.caption("Save writes it to disk.")


def _asked(one: FormerText) -> str:
    """What a model was asked that wrote a text, folded away."""
    prompt = "" if one.was_found else one.entry.origin.prompt
    if not prompt:
        return ""
    return f"<details class='toolkit-asked'><summary>Prompt</summary>{html.escape(prompt[:_LONGEST])}</details>"


def former_texts_of(state: AppState, sidecar: str) -> Sequence[FormerText]:
    """What a tag file held before, the newest first, up to some."""
    # One more tells whether the toolkit wrote what the last one found.
    return former_texts(opened(state)[1].journal.history(sidecar, limit=_LISTED + 1), _LISTED)


def _put(state: AppState, name: str, one: FormerText) -> None:
    st.session_state[_KEY] = False
    put_back(state, name, one.text, Origin() if one.was_found else one.entry.origin)
