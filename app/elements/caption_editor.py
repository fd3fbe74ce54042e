"""The tag text box and its keyboard shortcuts. What is typed reaches the server before any button does its work."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import streamlit as st

from app.elements.element import element
from lib.text import writable

Command = Literal["save", "save_and_next", "next_untagged", "next", "previous"]

_MOST = 2**53
"""Numbers that a browser counts with are smaller."""
_HASH = 128
_LONGEST_ID = 20_000

_LONGEST_TAG = 100

_editor = element(
    "caption_editor",
    "<label for='tag-text'></label><div class='field'><textarea id='tag-text' spellcheck='true'></textarea>"
    "<ul class='completion' id='tag-completion' role='listbox' aria-label='Tags that fit' hidden></ul></div>",
    "completion",
)


@dataclass(frozen=True, slots=True)
class Message:
    """What stood in the box at one moment: for which image, and on top of which state of its file.

    `root` is the dataset's folder, `image` a name in it. `serial` grows with every message of a browser tab. `text`
    counts only where it `is_new`. `shown` names the text that the server had last put into the box. `command` is the
    shortcut that was pressed, if it was one.
    """

    root: str
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
    is_first_stop: bool = False
    """Whether Tab leads into the box from nowhere in particular: on the page that is about it."""


CountedTags = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Completion:
    """The tags that are offered while one is typed, each with its count, the most frequent first.

    Where they are not all that there are (`is_whole`), `asked_for(key)` says what part of a tag was typed that they
    did not suffice for; `more` answers: that part, and the tags that hold it.
    """

    terms: CountedTags = ()
    is_whole: bool = True
    more: tuple[str, CountedTags] | None = None


def caption_editor(
    box: Box,
    completion: Completion,
    *,
    key: str,
    on_typed: Callable[[], None],
    on_commands: Callable[[], None],
) -> None:
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
        "isFirstStop": box.is_first_stop,
        "label": "Tag",
        "placeholder": "Describe this image, or write comma-separated tags",
        "terms": completion.terms,
        "isWhole": completion.is_whole,
        "more": completion.more and {"needle": completion.more[0], "terms": completion.more[1]},
    }
    # A question for more tags needs no callback: the run that it causes answers it.
    _editor(data=data, key=key, on_draft_change=on_typed, on_command_change=on_commands, on_wanted_change=lambda: None)


def box_id(root: str, name: str) -> str:
    """What the text box calls an image: root and name, so that text never lands under another one's name."""
    return json.dumps([root, name])


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


def asked_for(key: str) -> str:
    """The part of a tag that more tags were asked for with, "" for none."""
    wanted = getattr(st.session_state.get(key), "wanted", None)
    return wanted[:_LONGEST_TAG] if isinstance(wanted, str) else ""


def _message(entry: object) -> Message | None:
    """One message, or None for what did not come from our box."""
    if not isinstance(entry, dict):
        return None
    image, base, text, shown = (entry.get(name) for name in ("id", "base", "text", "shown"))
    serial, command = entry.get("n"), entry.get("command")
    if (
        not isinstance(serial, int)
        or not 0 < serial < _MOST
        or not all(isinstance(p, str) for p in (base, text, shown))
    ):
        return None
    if (names := _names(image)) is None or len(str(base)) > _HASH:
        return None
    known = command if command in get_args(Command) else None
    is_new = entry.get("dirty") is True
    return Message(*names, str(base), writable(str(text)), is_new, str(shown), known, serial)


def _names(id: object) -> tuple[str, str] | None:
    """Root and name of the image that the box shows, None for what `box_id` did not write."""
    try:
        names = json.loads(id) if isinstance(id, str) and len(id) < _LONGEST_ID else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(names, list) or len(names) != 2 or not all(isinstance(name, str) for name in names):
        return None
    root, name = (str(part) for part in names)
    return None if "\0" in root + name or writable(root + name) != root + name else (root, name)
