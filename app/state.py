"""What a browser session remembers: typed, one small dataclass a page."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import streamlit as st

from app.owner import current_owner
from lib.clustering import ClusterResult
from lib.dataset.saving.store import Store
from lib.dataset.scan.folder_dataset import Dataset
from lib.domain import By, ClusterSpec, ImageRecord
from lib.errors import InvalidInput, ToolkitError
from lib.jobs.runner import Job
from lib.scope import KeywordCounts, Scope

Place = Literal[
    "page",
    "jump",
    "text",
    "models",
    "generate",
    "jobs",
    "history",
    "bulk",
    "samples",
    "words",
    "clusters",
    "export",
    "import",
]
"""The parts of a page that show the errors of their own actions."""

_SCHEMA = 5
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
class HistoryState:
    """The History page: the operation that was chosen, None for the newest."""

    chosen: int | None = None
    seen: str = ""
    """The undo or redo for which the folder was scanned again, since images had come or gone."""


@dataclass
class BulkState:
    """The Bulk Ops page: what was asked for last."""

    tool: str = ""
    """Which tool the preview belongs to."""
    preview: Job | None = None
    left_out: set[str] = field(default_factory=set)
    """The images whose changes are not to be made."""
    found: Job | None = None
    """The search whose matches are walked through."""


@dataclass
class Selected:
    """What a scope selected, and in which state of which folder: good until one of them changes."""

    dataset: Dataset
    version: int
    scope: Scope
    records: list[ImageRecord] = field(default_factory=list)
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


@dataclass
class GalleryState:
    """One gallery of samples: whether the side panel is open, and which samples are ticked."""

    is_open: bool = False
    ticked: set[str] = field(default_factory=set)
    revision: int = 0
    """Grows when the ticks are changed by something else than a click on one of them."""


@dataclass(frozen=True)
class TablePage:
    """The captions of one page of the table as they were read: names, texts and the hashes of their files."""

    names: tuple[str, ...]
    texts: tuple[str, ...]
    hashes: tuple[str, ...]
    locked: frozenset[str]
    """Images whose tag file cannot be edited."""
    drafted: frozenset[str]
    """Images whose text was typed before and not saved yet."""


@dataclass
class FilterState:
    """The Keyword Filter page: the page of the table that is edited, and what became of the latest Save all."""

    table: TablePage | None = None
    revision: int = 0
    """Grows with every page that is read anew, so that the browser begins with a fresh table."""
    kept: tuple[str, Mapping[int, str]] = ("", {})
    """The key of a table, and what its edited rows held when they were last kept as drafts."""
    saved: Job | None = None
    told: Job | None = None
    """The latest Save all whose end was seen."""
    name_taken: str = ""
    """A name under which another filter is kept already, while it is asked what to do."""


@dataclass
class WordsState:
    """The Word Cloud page: the latest count, and the samples of what was clicked in it."""

    loaded: Job | None = None
    found: Job | None = None
    unmarked: Counter[str] = field(default_factory=Counter)
    """How many times the mark of a click was taken away from each list and chart: the next one begins without it."""


@dataclass(frozen=True)
class Contents:
    """Samples that were loaded from a cluster, the map or the table, by name, and what they are called.

    `cluster`: the number of the cluster that they are, None for any others.
    """

    label: str
    names: tuple[str, ...]
    cluster: int | None = None


@dataclass
class ClustersState:
    """The Clusters page: what the form holds, what was made, and what was loaded from it."""

    spec: ClusterSpec | None = None
    """None until the page was opened."""
    results: dict[By, ClusterResult | None] = field(default_factory=dict)
    """The latest of each kind; None where none is kept."""
    making: Job | None = None
    """What was asked for here last."""
    has_looked: bool = False
    """Looked for what was under way when the folder was opened."""
    taken: str = ""
    """The job whose result was taken in last."""
    reported: tuple[int, int] = (0, 0)
    """What slider and number box held when one of them was moved last."""
    moved_at: float = float("-inf")
    """When that was, on the monotonic clock, in seconds."""
    most: int = 50
    """The end of the slider: it grows with the number of clusters."""
    contents: Contents | None = None
    in_scope: Selected | None = None
    """What of the contents the scope selects."""
    compared: tuple[ClusterResult, int] | None = None
    """Which result the comparison is about, and with which version of the folder."""
    comparison: Job | None = None

    def rename(self, new_names: Mapping[str, str], bases: Collection[By]) -> None:
        """What was made of tags, of images or of both, and what was loaded, follows images that have new names."""
        for by in bases:
            if (made := self.results.get(by)) is not None:
                self.results[by] = made.renamed(new_names)
        if (loaded := self.contents) is not None:
            names = tuple(new_names.get(name, name) for name in loaded.names)
            self.contents = Contents(loaded.label, names, loaded.cluster)


@dataclass
class ExchangeState:
    """The Export page, where imports are made too."""

    uploaders: int = 0
    """How many times the upload box was emptied: each time it is a new one."""
    seen: str = ""
    """The import for which the open folder was scanned again."""
    undone: str = ""
    """The undo of an import for which it was."""


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
    clicked: tuple[object, float] = (None, float("-inf"))
    """What `one_click` was last asked for, and when, on the monotonic clock, in seconds."""
    scope: Scope = field(default_factory=Scope)
    """Which images the next action is about."""
    selected: Selected | None = None
    refused: Selected | None = None
    """What the scope bar holds and cannot be used; `scope` is still the one before."""
    tagging: TaggingState = field(default_factory=TaggingState)
    history: HistoryState = field(default_factory=HistoryState)
    bulk: BulkState = field(default_factory=BulkState)
    filter: FilterState = field(default_factory=FilterState)
    words: WordsState = field(default_factory=WordsState)
    clusters: ClustersState = field(default_factory=ClustersState)
    exchange: ExchangeState = field(default_factory=ExchangeState)
    galleries: dict[str, GalleryState] = field(default_factory=dict)

    def gallery(self, key: str) -> GalleryState:
        """The state of a gallery by its key."""
        return self.galleries.setdefault(key, GalleryState())


def app_state() -> AppState:
    """The state of this session, made at its first use."""
    state = st.session_state.get("app_state")
    if not isinstance(state, AppState) or state.schema != _SCHEMA:
        state = AppState(owner=current_owner())
        st.session_state["app_state"] = state
    return state
