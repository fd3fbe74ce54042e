"""Unsaved texts of one image that came from two tabs, or from a tab and a button: both are shown, neither is lost."""

from __future__ import annotations

import functools
import html

import streamlit as st

from app.samples.editing import OpenImage, take_typed
from app.session.messages import guarded, notice
from app.session.open_dataset import opened, preferences
from app.session.state import AppState
from lib.errors import DatasetError
from lib.preferences import Draft


def other_texts(state: AppState, image: OpenImage) -> None:
    """Show each text that was set aside for the one in the box, with its buttons."""
    for number, other in enumerate(preferences(state).set_aside(opened(state)[0].root, image.name)):
        if other.text == image.text:
            continue
        notice(
            "warning",
            "This one was typed in another tab of yours, or put there by a button, and is not saved either.",
            title="This image has another text",
        )
        st.html(f"<div class='toolkit-former'>{html.escape(other.text) or '(empty)'}</div>")
        with st.container(horizontal=True):
            take = guarded(functools.partial(take_other, state, image.name, other), "text")
            st.button("Put this one into the box", key=f"tagging.other.{number}", on_click=take)
            drop = guarded(functools.partial(drop_other, state, image.name, other), "text")
            st.button("Drop this one", key=f"tagging.drop.{number}", on_click=drop)


def take_other(state: AppState, name: str, other: Draft) -> None:
    """Let the two change places: the text in the box is the one set aside now."""
    take_typed(state)
    root, kept = opened(state)[0].root, preferences(state)
    if other.text not in [one.text for one in kept.set_aside(root, name)]:
        raise DatasetError("That text is not set aside any more.", "Another tab of yours took or dropped it.")
    kept.keep_draft(root, name, Draft(other.text, other.base_hash, other.origin), aside=kept.draft(root, name))


def drop_other(state: AppState, name: str, other: Draft) -> None:
    """Forget a text that was set aside."""
    take_typed(state)
    preferences(state).drop_set_aside(opened(state)[0].root, name, other.text)
