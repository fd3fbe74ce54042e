"""The tag text box and its keyboard shortcuts. What is typed reaches the server before any button does its work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import streamlit as st

from app.components.element import element

Command = Literal["save", "first_untagged", "next", "previous", "address"]

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
    link: str,
    base_hash: str,
    text: str,
    heard: int,
    read_only: bool,
    key: str,
    on_typed: Callable[[], None],
    on_command: Callable[[Command, str], None],
) -> None:
    """Show the text of one image.

    The box keeps what was typed until `heard`, the serial of the latest message taken in, says that the server knows
    it; then `text` counts. `link` is the image's name in the page's address.
    `on_typed` is told that `typed(key)` has news. `on_command` is told of a shortcut, and which image it was meant for;
    "address" stands for the browser's Back and Forward.
    """

    def command() -> None:
        message = st.session_state[key].command
        if isinstance(message, dict) and message.get("name") in get_args(Command):
            on_command(message["name"], str(message.get("id")))

    data = {
        "id": image,
        "link": link,
        "base": base_hash,
        "text": text,
        "heard": heard,
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
    messages = [getattr(value, name, None) for name in ("draft", "command")]
    texts = [text for message in messages if (text := _text_in(message)) is not None]
    return max(texts, key=lambda text: text.serial, default=None)


def _text_in(message: object) -> Typed | None:
    """The text that a message brings; a shortcut without new text brings none, nor does a message not from our box."""
    if not isinstance(message, dict) or not message.get("dirty", True):
        return None
    image, base, text, serial = (message.get(name) for name in ("id", "base", "text", "n"))
    if not isinstance(image, str) or not isinstance(base, str) or not isinstance(text, str):
        return None
    return Typed(image, base, text, serial) if isinstance(serial, int) else None
