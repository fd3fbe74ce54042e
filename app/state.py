"""What a browser session remembers: typed, one small dataclass a page."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Literal

import streamlit as st

from app.owner import current_owner
from lib.dataset.collection import Dataset
from lib.dataset.store import Store
from lib.errors import ToolkitError
from lib.jobs.runner import Job

Place = Literal["page", "jump", "text", "models", "generate"]
"""The parts of a page that show the errors of their own actions."""

_SCHEMA = 1
"""Raised when AppState changes shape, so that a hot reload starts afresh instead of meeting an old object."""


@dataclass
class TaggingState:
    """The Tagging page: which image is shown, and what its text box has told so far."""

    index: int = 0
    heard: int = 0
    """Serial of the latest text box message that was taken in."""
    obeyed: int = 0
    """Serial of the latest shortcut that was carried out."""
    lists_problems: bool = False
    """The list of problems is open."""
    own_saves: dict[tuple[str, str], str] = field(default_factory=dict)
    """What this session's saves made of a tag file: (image, hash before) -> hash after."""


@dataclass
class AppState:
    """One session. `dataset` and `store` are set together, once a folder is open."""

    owner: str
    session: str = field(default_factory=lambda: secrets.token_hex(8))
    schema: int = _SCHEMA
    dataset: Dataset | None = None
    store: Store | None = None
    check: Job | None = None
    """The background check of the open folder's images."""
    errors: dict[Place, ToolkitError] = field(default_factory=dict)
    """What the last action could not do, by the part of the page that shows it."""
    toasts: list[str] = field(default_factory=list)
    """Short confirmations that wait for the page to show them once."""
    tagging: TaggingState = field(default_factory=TaggingState)


def app_state() -> AppState:
    """The state of this session, made at its first use."""
    state = st.session_state.get("app_state")
    if not isinstance(state, AppState) or state.schema != _SCHEMA:
        state = AppState(owner=current_owner())
        st.session_state["app_state"] = state
    return state
