"""What is for administrators alone: asked anew at every look and at every click."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.session.messages import guarded
from app.session.own_session import leave_to_owner
from app.session.owner import is_admin
from lib.errors import InvalidInput


def admin_action(action: Callable[[], object]) -> Callable[[], None]:
    """A callback that does nothing for who is not, or no longer, an administrator."""

    def checked() -> None:
        if not is_admin():
            raise InvalidInput("This is for administrators of this server.", "Nothing was done.")
        action()

    return guarded(checked, "settings")


def leave_to_administrator() -> None:
    """For a part of the page that is run alone: whoever is none any more gets the whole page anew, without it."""
    leave_to_owner()
    if not is_admin():
        st.rerun()
