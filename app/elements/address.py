"""Keeps the open folder, the scope and the image in the page's address, so that a refresh finds them again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import streamlit as st

from app.doors.map_script import map_script_address
from app.elements.element import element

_address = element("address", "")

_KEY = "shell.address"


@dataclass(frozen=True, slots=True)
class View:
    """What the address is to say. `link`: the folder and the scope; `optional`: what may be in a link beside a folder.

    `session` is the server's name for this session, `is_followed` whether it has followed the address of the tab.
    `returned` is the id of the latest Back or Forward that it has followed.
    """

    link: Mapping[str, str]
    optional: Collection[str]
    image: str
    session: str
    is_followed: bool
    returned: str
    kept: str = ""
    """What the tab is to tell a session that begins while it stands, beside the address."""


def address(
    view: View, on_met: Callable[[Mapping[str, str], str], None], on_returned: Callable[[str, Mapping[str, str]], None]
) -> None:
    """Put the view into the address of the tab.

    Setting `st.query_params` would add a step to the browser's history for each image that is passed. Here one is added
    where somebody has stayed. Streamlit does not know of it: a session that begins while the tab stands (the server was
    started anew, the laptop slept) is told an address of before. The tab then tells the true one, and `on_met` is
    called with its parameters, and with what the former session had it keep. When Back or Forward has brought another
    address, `on_returned` is called with an id and its parameters; until a view names that id, the tab leaves its
    address alone.
    """

    def met() -> None:
        told = _told("met")
        if told is not None:
            on_met(_parameters(str(told["search"])), str(told["kept"]))

    def returned() -> None:
        told = _told("returned")
        if told is not None:
            on_returned(str(told["id"]), _parameters(str(told["search"])))

    # With the page among its data the element looks again after each change of page.
    data = {
        "link": dict(view.link),
        "optional": list(view.optional),
        "image": view.image,
        "session": view.session,
        "followed": view.is_followed,
        "returned": view.returned,
        "kept": view.kept,
        "page": st.context.url,
        "ahead": map_script_address(),
    }
    # To be woken takes no more than a run.
    _address(data=data, key=_KEY, on_met_change=met, on_returned_change=returned, on_woken_change=lambda: None)


def _told(name: str) -> Any:
    # After a change of page there may be nothing under the key; the tab asks again.
    state = st.session_state.get(_KEY)
    return None if state is None else state.get(name)


def _parameters(search: str) -> dict[str, str]:
    return dict(parse_qsl(search.removeprefix("?")))
