"""An image and its tag text: open, keep drafts, save. Used by every page that edits captions.

Every action names its image: a button may be carried out after another one has already moved on, and a text must
never land under the wrong name. Every action begins with `take_typed`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from app.components.caption_editor import Typed, typed
from app.opening import current_name, go_to, preferences
from app.state import AppState
from lib.captioning import merge
from lib.dataset.collection import Dataset
from lib.dataset.sidecar import Sidecar
from lib.dataset.store import Store
from lib.domain import Existing, ImageRecord, Origin, Style
from lib.errors import Conflict, DatasetError, InvalidInput
from lib.preferences import Draft
from lib.text import split_tags

EDITOR_KEY = "tagging.editor"


@dataclass(frozen=True, slots=True)
class OpenImage:
    """An image, its tag file as it is on disk now, and what the owner typed on top of it."""

    record: ImageRecord
    sidecar: Sidecar
    draft: Draft | None

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def text(self) -> str:
        return self.draft.text if self.draft else self.sidecar.text

    @property
    def base_hash(self) -> str:
        return self.draft.base_hash if self.draft else self.sidecar.hash

    @property
    def in_conflict(self) -> bool:
        """True when the tag file changed after the draft was begun."""
        if self.draft is None or self.draft.base_hash == self.sidecar.hash or not self.sidecar.exists:
            return False
        # An empty file where there was none is what opening the image makes; there are no words in it to lose.
        return not (self.draft.base_hash == "" and self.sidecar.data == b"")

    @property
    def read_only(self) -> bool:
        return self.record.shared or not self.sidecar.editable


def opened(state: AppState) -> tuple[Dataset, Store]:
    """The open folder; an action without one is refused."""
    if state.dataset is None or state.store is None:
        raise InvalidInput("No folder is open.", "Choose a folder first.")
    return state.dataset, state.store


def record_of(state: AppState, name: str) -> ImageRecord:
    """The record of an image of the open folder; one that is gone is refused."""
    record = opened(state)[0].get(name)
    if record is None:
        raise InvalidInput(f"{name} is not in the open folder any more.", "Press Reload to see what is there now.")
    return record


def open_image(state: AppState, name: str) -> OpenImage:
    """Read an image's tag file and draft; a missing tag file is created blank (not on a read-only folder)."""
    dataset, store = opened(state)
    record = record_of(state, name)
    draft = preferences(state).draft(dataset.root, name)
    # Beside a draft a blank file would only look like somebody else's change.
    sidecar = store.create_blank(record) if draft is None and name not in dataset.unreadable else store.read(record)
    # The record is looked up again: reading may have brought it up to date.
    return OpenImage(record_of(state, name), sidecar, draft)


def box_id(dataset: Dataset, record: ImageRecord) -> str:
    """What the text box calls an image: root and name, so that text never lands under another one's name."""
    return json.dumps([str(dataset.root), record.name])


def take_typed(state: AppState) -> None:
    """Keep what the text box reported since the last time as a draft."""
    news = typed(EDITOR_KEY)
    if news is None or news.serial <= state.tagging.heard or state.dataset is None or state.store is None:
        return
    state.tagging.heard = news.serial
    root, name = json.loads(news.image)
    record = state.dataset.get(name) if root == str(state.dataset.root) else None
    if record is not None:
        _keep(state, state.store, record, news)


def _keep(state: AppState, store: Store, record: ImageRecord, news: Typed) -> None:
    kept = preferences(state)
    sidecar = store.read(record)
    if sidecar.hash == news.base_hash and sidecar.text == news.text:
        kept.drop_draft(store.root, record.name)
        return
    before = kept.draft(store.root, record.name)
    if before is not None and before.text == news.text:
        return
    kept.keep_draft(store.root, record.name, Draft(news.text, news.base_hash, _edited(before)))


def _edited(draft: Draft | None) -> Origin:
    """Where a text comes from once a person has changed it."""
    return replace(draft.origin, edited=True) if draft else Origin()


def save(state: AppState, name: str) -> None:
    """Write an image's draft to its tag file.

    Raises SharedStem, SidecarUndecodable, WriteFailed, or Conflict for another image than the current one (which shows
    its conflict anyway). The draft stays until the file holds it.
    """
    take_typed(state)
    dataset, store = opened(state)
    draft = preferences(state).draft(dataset.root, name)
    if draft is None:
        state.toasts.append("Nothing new to save")
        return
    try:
        store.save(record_of(state, name), draft.text, draft.base_hash, draft.origin)
    except Conflict:
        if name != current_name(state) or not open_image(state, name).in_conflict:
            raise
        return
    preferences(state).drop_draft(dataset.root, name)
    state.toasts.append("Saved")


def _put_text(state: AppState, image: OpenImage, text: str, origin: Origin) -> None:
    """Put a text into the box as a draft; saving it stays the user's act."""
    dataset, _ = opened(state)
    preferences(state).keep_draft(dataset.root, image.name, Draft(text, image.base_hash, origin))


def insert_term(state: AppState, name: str, term: str, style: Style) -> None:
    """Add a tag (after a comma) or a word (after a space) to an image's text."""
    take_typed(state)
    image = open_image(state, name)
    if image.read_only:
        raise DatasetError(f"{name} cannot be edited yet.", "See the note above its text.")
    if style == "tags" and term in split_tags(image.text):
        state.toasts.append("That tag is there already")
        return
    _put_text(state, image, merge(image.text, term, "append", style), _edited(image.draft))


def accept(state: AppState, name: str, caption: str, existing: Existing, style: Style, origin: Origin) -> None:
    """Take a generated caption into an image's text: in its place, or before or after it."""
    take_typed(state)
    image = open_image(state, name)
    mixed = existing in ("prepend", "append") and bool(image.text.strip())
    _put_text(state, image, merge(image.text, caption, existing, style), replace(origin, edited=mixed))


def revert(state: AppState, name: str) -> None:
    """Drop an image's draft and show what is on disk."""
    take_typed(state)
    dataset, _ = opened(state)
    preferences(state).drop_draft(dataset.root, name)


def insist(state: AppState, name: str) -> None:
    """In a conflict: save the user's text over what is on disk now."""
    take_typed(state)
    dataset, _ = opened(state)
    image = open_image(state, name)
    if image.draft is not None:
        preferences(state).keep_draft(dataset.root, name, replace(image.draft, base_hash=image.sidecar.hash))
        save(state, name)


def rename(state: AppState, name: str, new_stem: str) -> None:
    """Give an image another name, so that it has a tag file of its own; its draft goes with it."""
    take_typed(state)
    dataset, store = opened(state)
    record = store.rename_image(record_of(state, name), new_stem)
    preferences(state).rename_draft(dataset.root, name, record.name)
    state.toasts.append(f"Renamed to {record.name}")
    go_to(state, record.name)


def share_caption(state: AppState, name: str) -> None:
    """Let the images that share a tag file share their caption from now on."""
    _, store = opened(state)
    store.allow_shared(record_of(state, name).stem)


def convert(state: AppState, name: str, encoding: str) -> None:
    """Rewrite a tag file as UTF-8, reading it in the encoding that the user recognised."""
    _, store = opened(state)
    record = record_of(state, name)
    store.convert_to_utf8(record, encoding, store.read(record).hash)
    state.toasts.append("Converted to UTF-8")
