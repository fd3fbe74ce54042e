"""What a browser session remembers: typed, with a dataclass of its own for each room that keeps something."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self, TypeVar

import streamlit as st

from app.doors.this_run import browser_is_gone
from app.session.owner import current_owner
from lib.clustering import ClusterResult
from lib.dataset.base import Dataset
from lib.dataset.saving.store import Store
from lib.domain import ImageRecord
from lib.errors import InvalidInput, ToolkitError
from lib.jobs.runner import Job
from lib.scope import KeywordCounts, Scope

R = TypeVar("R", bound="RoomState")


class RoomState:
    """What one room keeps for a session. A room makes a dataclass of it, and reaches it by `state.of(...)`.

    A page's room is named in the page table of app/main.py, so that it is told of what happens before its page was
    opened.
    """

    kinds: ClassVar[list[type[RoomState]]] = []
    link_names: ClassVar[tuple[str, ...]] = ()
    """The parameters of the address that are this room's."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        RoomState.kinds.append(cls)

    def after_opening(self, *, is_other: bool) -> Self:
        """What is left when a folder is opened, or the open one again or not at all: nothing, unless a room says else.

        `is_other`: it is not the folder that was open.
        """
        return type(self)()

    def image_renamed(self, state: AppState, old: str, new: str) -> None:
        """An image of the open folder has got another name."""

    def to_link(self) -> Mapping[str, str]:
        """What the address is to say of this room, under its `link_names`; a refresh brings it back."""
        return {}

    def from_link(self, address: Mapping[str, str]) -> None:
        """Take over what an address says of this room; what it does not say is as at first."""


@dataclass
class Selected:
    """What a scope selected, and in which state of which folder: good until one of them changes."""

    dataset: Dataset
    version: tuple[int, int, int]
    scope: Scope
    records: Sequence[ImageRecord] = field(default_factory=list)
    left_out: Sequence[ImageRecord] = field(default_factory=list)
    """Those that would be among the records if they were not marked as left out."""
    refusal: InvalidInput | None = None
    """Why the query cannot be used. It selects nothing then, and is not tried again."""
    waits_for: Job | None = None
    """What must have ended before the query can be tried again."""
    names: frozenset[str] | None = None
    """The names of the records, once somebody has asked."""
    places: list[int] | None = None
    """Where the records stand among those of the folder, once somebody has asked."""
    counts: KeywordCounts | InvalidInput | None = None
    """For a query of several keywords, or why they cannot be counted, the same way."""
    marks: dict[str, list[tuple[int, int]] | None] = field(default_factory=dict)
    """The hits in the captions that were shown, None where a pattern took too long to find them."""
    ordered: dict[str | ClusterResult, Sequence[ImageRecord]] = field(default_factory=dict)
    """The records in other orders, by its name or by the clusters that it follows, the same way."""


@dataclass(frozen=True, slots=True)
class Toast:
    """A short message. Only what `is_done` gets a tick."""

    text: str
    is_done: bool


@dataclass
class Deed:
    """What was done, told once, with the way back. `undone` says what came of the undo, which is a job."""

    text: str
    at: float
    """On the monotonic clock, in seconds."""
    number: int = 0
    undo: Callable[[], Job] | None = None
    undone: Callable[[Job], str] | None = None
    undoing: Job | None = None


@dataclass
class AppState:
    """One session. `dataset` and `store` are set together, once a folder is open."""

    owner: str
    session: str = field(default_factory=lambda: secrets.token_hex(8))
    dataset: Dataset | None = None
    store: Store | None = None
    check: Job | None = None
    """The background check of the open folder's images."""
    map_job: Job | None = None
    """Takes over the clusters of the sink that was opened."""
    index: int = 0
    """The place of the current image in the open folder."""
    scope: Scope = field(default_factory=Scope)
    """Which images the next action is about."""
    selected: Selected | None = None
    refused: Selected | None = None
    """What the scope bar holds and cannot be used; `scope` is still the one before."""
    errors: dict[str, ToolkitError] = field(default_factory=dict)
    """What the last action could not do, by the part of the page that shows it (`show_kept`)."""
    toasts: list[Toast] = field(default_factory=list)
    """Short messages that wait for the page to show them once."""
    told: Deed | None = None
    """What was done last and is told with its undo."""
    clicked: tuple[object, float] = (None, float("-inf"))
    """What `one_click` was last asked for, and when, on the monotonic clock, in seconds."""
    rooms: dict[type[RoomState], RoomState] = field(default_factory=dict)

    def done(self, text: str) -> None:
        """Confirm, once and in passing, what was asked for."""
        self.toasts.append(Toast(text, is_done=True))

    def done_with_undo(
        self, text: str, undo: Callable[[], Job] | None = None, undone: Callable[[Job], str] | None = None
    ) -> None:
        """The same for what can be taken back: `undo` starts that, `undone` says what came of it."""
        number = self.told.number + 1 if self.told is not None else 0
        self.told = Deed(text, time.monotonic(), number, undo, undone)

    def note(self, text: str) -> None:
        """Say in passing why nothing was done."""
        self.toasts.append(Toast(text, is_done=False))

    def of(self, kind: type[R]) -> R:
        """What a room keeps, made at its first use."""
        found = self.rooms.get(kind)
        if not isinstance(found, kind):
            found = self.rooms[kind] = kind()
        return found

    def forget(self, kind: type[RoomState]) -> None:
        """Let a room begin anew."""
        self.rooms.pop(kind, None)

    def all_rooms(self) -> Iterator[RoomState]:
        """What every room keeps, also those that were not used yet."""
        return map(self.of, RoomState.kinds)


def app_state() -> AppState:
    """The state of this session, made at its first use."""
    # After a hot reload the class is another one, and an old object would lack what the new code looks for.
    state = st.session_state.get("app_state")
    if not isinstance(state, AppState):
        state = st.session_state["app_state"] = AppState(owner=current_owner())
    return state


def is_own_session() -> bool:
    """False where another owner looks at this session. A browser that has just hung up is still the one it was."""
    state = st.session_state.get("app_state")
    return not isinstance(state, AppState) or browser_is_gone() or state.owner == current_owner()
