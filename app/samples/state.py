"""What the parts keep that several pages draw: the text box, galleries, the table, the list of problems."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.session.state import AppState, RoomState
from lib.dataset.base import Dataset
from lib.errors import WriteFailed
from lib.jobs.runner import Job
from lib.preferences import Draft
from lib.scope import Scope

_MOST_KEPT, _LONGEST_KEPT, _MOST_GALLERIES = 2_000, 2_000_000, 40
"""Ticks that a tab is given to keep, characters that it may give back, galleries. A key is shorter than that, too."""


@dataclass
class TextBoxState(RoomState):
    """What the text box has told so far."""

    heard: int = 0
    """Serial of the latest text box message that was taken in."""
    obeyed: int = 0
    """Serial of the latest shortcut that was carried out."""
    shown: tuple[str, Draft | None] = ("", None)
    """The image whose text was put into the box last, and its draft."""
    unkept: WriteFailed | None = None
    """Why a text from the box could not be kept, until it is."""
    unasked: tuple[str, str] = ("", "")
    """The image into whose empty box an answer was put last, and the name (`text_hash`) of that text."""
    taken_in: tuple[str, str, str] = ("", "", "")
    """The image whose draft took in the owner's own bulk edits last, the hash of its file then, and what they were."""
    own_saves: dict[tuple[str, str], str] = field(default_factory=dict)
    """What this session's saves made of a tag file: (image, hash before) -> hash after."""

    def after_opening(self, *, is_other: bool) -> TextBoxState:
        """The browser goes on counting its messages, whatever is opened."""
        return TextBoxState(self.heard, self.obeyed)


@dataclass
class TabState(RoomState):
    """What is known of the tab that this session is shown in."""

    is_followed: bool = False
    """It has outlived another session, and this one has gone to where it was."""
    noted: set[str] = field(default_factory=set)
    """The runs that a kill had cut short, of which it was looked up what they have written."""
    returned: str = ""
    """The latest Back or Forward of the browser that was followed."""

    def after_opening(self, *, is_other: bool) -> TabState:
        """It is the same tab, whatever is opened."""
        return self


@dataclass
class WalkState(RoomState):
    """The walk through the images of a scope."""

    scope: Scope | None = None
    """The scope that was walked through last; another one is entered at one of its own images."""


@dataclass
class ScopeBarState(RoomState):
    """The bar that says which images are meant."""

    is_open: bool = False
    """The choices are shown below the words."""

    def after_opening(self, *, is_other: bool) -> ScopeBarState:
        """Who chooses goes on choosing. After a restart the click may come before the tab's folder is opened again."""
        return self


@dataclass
class ProblemsState(RoomState):
    """The list of problems of the open folder."""

    is_open: bool = False


@dataclass
class EmptyFilesState(RoomState):
    """Images whose empty tag files were removed in this session: none is made for them again."""

    removed: frozenset[str] = frozenset()


@dataclass
class GalleryState:
    """One gallery of samples: whether the side panel is open, and which samples are ticked."""

    is_open: bool = False
    ticked: set[str] = field(default_factory=set)
    revision: int = 0
    """Grows when the ticks are changed by something else than a click on one of them."""


@dataclass
class Galleries(RoomState):
    """The galleries, by their keys."""

    by_key: dict[str, GalleryState] = field(default_factory=dict)

    def at(self, key: str) -> GalleryState:
        return self.by_key.setdefault(key, GalleryState())

    def close(self, key: str) -> None:
        """Begin a gallery anew: its panel closed, nothing ticked."""
        self.by_key.pop(key, None)

    def to_keep(self) -> str:
        """What a tab can give back to another session: which panels are open, and what is ticked."""
        told = [(key, one.is_open, sorted(one.ticked)) for key, one in sorted(self.by_key.items())]
        told = [one for one in told if one[1] or one[2]]
        # It is sent at every click.
        return json.dumps(told) if told and sum(len(ticked) for _, _, ticked in told) <= _MOST_KEPT else ""

    def take_back(self, kept: str, dataset: Dataset) -> None:
        """Take up again what a tab has kept, as far as it is in the folder; what was done since stays done."""
        for key, is_open, ticked in _kept_in(kept):
            gallery = self.at(key)
            gallery.is_open |= is_open and bool(len(dataset))
            gallery.ticked |= {name for name in ticked if dataset.get(name) is not None}
            gallery.revision += 1

    def image_renamed(self, state: AppState, old: str, new: str) -> None:
        """An image that was ticked stays ticked."""
        for gallery in self.by_key.values():
            if old in gallery.ticked:
                gallery.ticked = gallery.ticked - {old} | {new}
                gallery.revision += 1


def _kept_in(text: str) -> list[tuple[str, bool, list[str]]]:
    """What `to_keep` has written; it comes from a browser, which may say anything."""
    try:
        told = json.loads(text) if len(text) < _LONGEST_KEPT else None
    except (ValueError, RecursionError):
        return []
    found = []
    for one in told if isinstance(told, list) and len(told) <= _MOST_GALLERIES else ():
        match one:
            case [str(key), bool(is_open), list(ticked)] if len(key) < _MOST_GALLERIES:
                found.append((key, is_open, [name for name in ticked if isinstance(name, str)]))
    return found


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

    @property
    def id(self) -> str:
        """Another one for other rows, and for the same rows over other files.

        The browser names a row by its number, and tells a new session again what it told of a table of before.
        """
        return hashlib.sha256(repr((self.names, self.hashes)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass
class TableState(RoomState):
    """The table of captions: the page that is edited, and what became of the latest Save all."""

    page: TablePage | None = None
    again: dict[str, int] = field(default_factory=dict)
    """How often what the browser holds of a page had to be let go, by the page's id: it begins with a fresh table."""
    kept: tuple[str, Mapping[int, str]] = ("", {})
    """The key of a table, and what its edited rows held when they were last kept as drafts."""
    saved: Job | None = None
    told: Job | None = None
    """The latest Save all whose end was seen."""

    def known(self, key: str) -> Mapping[int, str]:
        """What the edited rows of a table held when they were last kept as drafts."""
        table, texts = self.kept
        return texts if table == key else {}

    def begin_afresh(self) -> None:
        """Read the page anew; what the browser holds of it counts no more."""
        if self.page is not None:
            self.again[self.page.id] = self.again.get(self.page.id, 0) + 1
        self.page = None
