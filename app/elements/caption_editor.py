"""The tag text box and its keyboard shortcuts. What is typed reaches the server before any button does its work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import streamlit as st

from app.elements.element import element

Command = Literal["save", "first_untagged", "next", "previous", "address"]

_editor = element(
    "caption_editor", "<label for='tag-text'></label><textarea id='tag-text' spellcheck='true'></textarea>"
)


@dataclass(frozen=True, slots=True)
class Message:
    """What stood in the box at one moment: for which image, and on top of which state of its file.

    `serial` grows with every message of a browser tab. `text` counts only where it `is_new`. `shown` names the text
    that the server had last put into the box. `command` is the shortcut that was pressed, if it was one.
    """

    image: str
    base_hash: str
    text: str
    is_new: bool
    shown: str
    command: Command | None
    serial: int


@dataclass(frozen=True, slots=True)
class Box:
    """What the box is to show of one image.

    It keeps what was typed until `heard`, the serial of the latest message taken in, says that the server knows it;
    then `text` counts. `shown` is a name for `text`. Messages are sent again until they are `heard`, and those with a
    shortcut until they are `obeyed`. `session` is the server's name for this session: in a new one the box keeps its
    own image until the session `is_followed`, that is, has gone to where the tab is.
    """

    image: str
    session: str
    is_followed: bool
    base_hash: str
    text: str
    shown: str
    heard: int
    obeyed: int
    read_only: bool


def caption_editor(box: Box, *, key: str, on_typed: Callable[[], None], on_commands: Callable[[], None]) -> None:
    """Show the text of one image; `on_typed` and `on_commands` are told that `messages(key)` has news."""
    data = {
        "id": box.image,
        "session": box.session,
        "followed": box.is_followed,
        "base": box.base_hash,
        "text": box.text,
        "shown": box.shown,
        "heard": box.heard,
        "obeyed": box.obeyed,
        "readOnly": box.read_only,
        "label": "Tag",
        "placeholder": "Describe this image, or write comma-separated tags",
    }
    _editor(data=data, key=key, on_draft_change=on_typed, on_command_change=on_commands)


def messages(key: str, session: str) -> list[Message]:
    """What the browser has reported to this session, in the order it happened; some of it perhaps for the second time.

    Streamlit may run a button's callback before the box's own, so every action reads this first. It repeats to a new
    session what it told the former one; that may be long out of date, and what is not, the box sends anew.
    """
    value = st.session_state.get(key)
    found: dict[int, Message] = {}
    for channel in ("draft", "command"):
        sending = getattr(value, channel, None)
        if not isinstance(sending, dict) or sending.get("session") != session:
            continue
        entries = sending.get("messages")
        for entry in entries if isinstance(entries, list) else ():
            if (message := _message(entry)) is not None:
                found[message.serial] = message
    return [found[serial] for serial in sorted(found)]


def _message(entry: object) -> Message | None:
    """One message, or None for what did not come from our box."""
    if not isinstance(entry, dict):
        return None
    image, base, text, shown = (entry.get(name) for name in ("id", "base", "text", "shown"))
    serial, command = entry.get("n"), entry.get("command")
    if not isinstance(serial, int) or not all(isinstance(part, str) for part in (image, base, text, shown)):
        return None
    known = command if command in get_args(Command) else None
    return Message(str(image), str(base), str(text), entry.get("dirty") is True, str(shown), known, serial)
