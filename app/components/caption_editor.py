"""The tag text box and its keyboard shortcuts. What is typed reaches the server before any button does its work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import streamlit as st

from app.components.element import element

Command = Literal["save", "first_untagged", "next", "previous"]

_editor = element(
    "caption_editor", "<label for='tag-text'></label><textarea id='tag-text' spellcheck='true'></textarea>"
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What stood in the box: for which image, on top of which state of its file, and the text itself.

    `serial` grows with every message of a browser tab, so that none is taken twice.
    """

    image: str
    base_hash: str
    text: str
    serial: int


def caption_editor(
    *,
    image: str,
    base_hash: str,
    text: str,
    revision: int,
    read_only: bool,
    key: str,
    on_typed: Callable[[], None],
    on_command: Callable[[Command, str], None],
) -> None:
    """Show the text of one image.

    A new `revision` puts `text` into the box whatever stands there; otherwise text that was typed meanwhile stays.
    `on_typed` is told that `typed(key)` has news. `on_command` is told of a shortcut and the image it was pressed at.
    """

    def command() -> None:
        message = st.session_state[key].command
        if isinstance(message, dict) and message.get("name") in get_args(Command):
            on_command(message["name"], str(message["id"]))

    data = {
        "id": image,
        "base": base_hash,
        "text": text,
        "revision": revision,
        "readOnly": read_only,
        "label": "Tag",
        "placeholder": "Describe this image, or write comma-separated tags",
    }
    _editor(data=data, key=key, on_draft_change=on_typed, on_command_change=command)


def typed(key: str) -> Typed | None:
    """The latest text that the browser reported, if any.

    Streamlit may run a button's callback before the box's own, so every action reads this first.
    """
    value = st.session_state.get(key)
    messages = [message for name in ("draft", "command") if isinstance(message := getattr(value, name, None), dict)]
    if not messages:
        return None
    newest = max(messages, key=lambda message: int(message["n"]))
    if newest.get("dirty", True):
        return Typed(str(newest["id"]), str(newest["base"]), str(newest["text"]), int(newest["n"]))
    return None
