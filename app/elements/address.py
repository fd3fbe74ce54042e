"""Keeps the open folder, the scope and the image in the page's address, so that a refresh finds them again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import streamlit as st

from app.elements.element import element

_address = element("address", "")

_KEY = "shell.address"


@dataclass(frozen=True, slots=True)
class View:
    """What the address is to say. `link`: the folder and the scope; `optional`: what may be in a link beside a folder.

    `session` is the server's name for this session, `is_followed` whether it has followed the address of the tab.
    """

    link: Mapping[str, str]
    optional: Collection[str]
    image: str
    session: str
    is_followed: bool


def address(view: View, on_met: Callable[[Mapping[str, str]], None]) -> None:
    """Put the view into the address of the tab.

    Setting `st.query_params` would add a step to the browser's history, and Back would lead nowhere. So Streamlit does
    not know of it: a session that begins while the tab stands (the server was started anew, the laptop slept) is told
    an address of before. The tab then tells the true one, and `on_met` is called with its parameters.
    """

    def met() -> None:
        told = st.session_state[_KEY].met
        if isinstance(told, str):
            on_met(dict(parse_qsl(told.removeprefix("?"))))

    # With the page among its data the element looks again after each change of page.
    data = {
        "link": dict(view.link),
        "optional": list(view.optional),
        "image": view.image,
        "session": view.session,
        "followed": view.is_followed,
        "page": st.context.url,
    }
    _address(data=data, key=_KEY, on_met_change=met)
