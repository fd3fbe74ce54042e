"""Keeps the open folder, the scope and the image in the page's address, so that a refresh finds them again."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from app.elements.element import element
from lib.scope import LINK_NAMES

_address = element("address", "")


def address(link: Mapping[str, str], image: str) -> None:
    """Put folder and image back into the address where going to another page has dropped them, and the present scope.

    Setting `st.query_params` would add a step to the browser's history, and Back would lead nowhere.
    """
    # With the page among its data the element looks again after each change of page.
    data = {"link": dict(link), "image": image, "scope": LINK_NAMES, "page": st.context.url}
    _address(data=data, key="shell.address")
