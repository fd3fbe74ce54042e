"""A row of thumbnails to click: the filmstrip of the Tagging page."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import streamlit as st

from app.elements.element import element

_gallery = element("gallery", "<div class='gallery' role='group'></div>")


_LONGEST_ALT = 150

ThumbMark = Literal["", "untagged", "draft", "left_out"]


@dataclass(frozen=True, slots=True)
class Thumb:
    """One picture of a gallery. `src` is a data URL, empty where the image cannot be opened; `alt` what it shows."""

    id: str
    name: str
    label: str
    src: str
    alt: str
    mark: ThumbMark = ""


def alt_text(name: str, caption: str) -> str:
    """What a picture shows, for who does not see it: its caption, cut at a sensible length, its name without one."""
    line = " ".join(caption.split())
    if len(line) <= _LONGEST_ALT:
        return line or name
    line = line[: _LONGEST_ALT - 2]
    words = line.rpartition(" ")[0]
    # Not every language parts its words.
    return f"{words if len(words) > _LONGEST_ALT // 2 else line} …"


def data_url(data: bytes, mime: str = "image/jpeg") -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def gallery(
    thumbs: Sequence[Thumb],
    *,
    selected: str,
    label: str,
    key: str,
    on_pick: Callable[[str], None],
) -> None:
    """Show thumbnails; `on_pick` is called with the id of the one that was clicked."""

    def picked() -> None:
        if (choice := st.session_state[key].picked) is not None:
            on_pick(str(choice))

    data = {"items": [asdict(thumb) for thumb in thumbs], "selected": selected, "label": label}
    _gallery(data=data, key=key, on_picked_change=picked)
