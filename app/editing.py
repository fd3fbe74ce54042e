"""The current image and its tag text: open, keep drafts, save, move on. Used by every page that edits captions."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import streamlit as st

from app.components.caption_editor import Command, Typed, typed
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
    """The image on screen, its tag file as it is on disk now, and what the owner typed on top of it."""

    record: ImageRecord
    sidecar: Sidecar
    draft: Draft | None

    @property
    def text(self) -> str:
        return self.draft.text if self.draft else self.sidecar.text

    @property
    def base_hash(self) -> str:
        return self.draft.base_hash if self.draft else self.sidecar.hash

    @property
    def in_conflict(self) -> bool:
        """True when the tag file changed after the draft was begun."""
        if self.draft is None or self.draft.base_hash == self.sidecar.hash:
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


def open_image(state: AppState) -> OpenImage:
    """Read the current image's tag file; a missing one is created blank (not on a read-only folder)."""
    dataset, store = opened(state)
    record = dataset.records[state.tagging.index % len(dataset)]
    sidecar = store.create_blank(record) if not record.shared else store.read(record)
    # The record is read again: making the blank file may have replaced it.
    record = dataset.records[state.tagging.index % len(dataset)]
    return OpenImage(record, sidecar, preferences(state).draft(dataset.root, record.name))


def box_id(dataset: Dataset, record: ImageRecord) -> str:
    """What the text box calls an image: root and name, so that text never lands under another one's name."""
    return json.dumps([str(dataset.root), record.name])


def take_typed(state: AppState) -> None:
    """Keep what the text box reported since the last time as a draft. Every action calls this first."""
    news = typed(EDITOR_KEY)
    if news is None or news.serial <= state.tagging.heard:
        return
    state.tagging.heard = news.serial
    dataset, store = opened(state)
    root, name = json.loads(news.image)
    index = dataset.index_of(name) if root == str(dataset.root) else None
    if index is not None:
        _keep(state, dataset, store, dataset.records[index], news)


def _keep(state: AppState, dataset: Dataset, store: Store, record: ImageRecord, news: Typed) -> None:
    kept = preferences(state)
    sidecar = store.read(record)
    if sidecar.hash == news.base_hash and sidecar.text == news.text:
        kept.drop_draft(dataset.root, record.name)
        return
    before = kept.draft(dataset.root, record.name)
    if before is not None and before.text == news.text:
        return
    origin = replace(before.origin, edited=True) if before else Origin()
    kept.keep_draft(dataset.root, record.name, Draft(news.text, news.base_hash, origin))


def save(state: AppState) -> None:
    """Write the draft of the current image to its tag file.

    Raises Conflict, SharedStem, SidecarUndecodable or WriteFailed; the draft stays until the file holds it.
    """
    take_typed(state)
    _save(state, current_name(state))


def _save(state: AppState, name: str) -> None:
    dataset, store = opened(state)
    record, draft = dataset.get(name), preferences(state).draft(dataset.root, name)
    if record is None or draft is None:
        state.toasts.append("Nothing new to save")
        return
    try:
        store.save(record, draft.text, draft.base_hash, draft.origin)
    except Conflict:
        # The current image shows its conflict with both texts; only another one's has to be told.
        if name != current_name(state):
            raise
        return
    preferences(state).drop_draft(dataset.root, name)
    state.toasts.append("Saved")


def put_text(state: AppState, image: OpenImage, text: str, origin: Origin | None = None) -> None:
    """Put a text into the box as a draft; saving it stays the user's act."""
    dataset, _ = opened(state)
    kept = origin or (image.draft.origin if image.draft else Origin())
    preferences(state).keep_draft(dataset.root, image.record.name, Draft(text, image.base_hash, kept))
    state.tagging.revision += 1


def insert_term(state: AppState, term: str, style: Style) -> None:
    """Add a tag (after a comma) or a word (after a space) to the current text."""
    take_typed(state)
    image = open_image(state)
    if image.read_only:
        raise DatasetError(f"{image.record.name} cannot be edited yet.", "See the note above its text.")
    if style == "tags" and term in split_tags(image.text):
        state.toasts.append("That tag is there already")
        return
    put_text(state, image, merge(image.text, term, "append", style))


def accept(state: AppState, caption: str, existing: Existing, style: Style, origin: Origin) -> None:
    """Take a generated caption into the box: in place of the text, or before or after it."""
    take_typed(state)
    image = open_image(state)
    text = merge(image.text, caption, existing, style)
    edited = existing in ("prepend", "append") and bool(image.text.strip())
    put_text(state, image, text, replace(origin, edited=edited))


def revert(state: AppState) -> None:
    """Drop the draft and show what is on disk."""
    take_typed(state)
    dataset, _ = opened(state)
    preferences(state).drop_draft(dataset.root, open_image(state).record.name)
    state.tagging.revision += 1


def insist(state: AppState) -> None:
    """In a conflict: save the user's text over what is on disk now."""
    take_typed(state)
    dataset, _ = opened(state)
    image = open_image(state)
    if image.draft is not None:
        rebased = replace(image.draft, base_hash=image.sidecar.hash)
        preferences(state).keep_draft(dataset.root, image.record.name, rebased)
        save(state)


def move(state: AppState, step: int) -> None:
    """Go `step` images on, round the end."""
    take_typed(state)
    dataset, _ = opened(state)
    _show(state, (state.tagging.index + step) % len(dataset))


def first_untagged(state: AppState) -> None:
    """Go to the first image without a caption."""
    take_typed(state)
    dataset, _ = opened(state)
    for index, record in enumerate(dataset.records):
        if not record.is_tagged:
            _show(state, index)
            return
    state.toasts.append("Every image has a tag")


def jump(state: AppState, wanted: str) -> None:
    """Go to a number (from 1), or to the next image whose name holds the text."""
    take_typed(state)
    dataset, _ = opened(state)
    wanted = wanted.strip()
    if wanted.isascii() and wanted.isdigit() and 1 <= int(wanted[:9]) <= len(dataset):
        _show(state, int(wanted) - 1)
        return
    index = _named(dataset, wanted.casefold(), state.tagging.index)
    if index is None:
        raise InvalidInput(
            f"No image is called “{wanted}”.", f"Give a number from 1 to {len(dataset)}, or part of a name."
        )
    _show(state, index)


def _named(dataset: Dataset, needle: str, start: int) -> int | None:
    exact = dataset.index_of(needle)
    if exact is not None or not needle:
        return exact
    count = len(dataset)
    places = ((start + 1 + step) % count for step in range(count))
    return next((place for place in places if needle in dataset.records[place].name.casefold()), None)


def _show(state: AppState, index: int) -> None:
    dataset, _ = opened(state)
    state.tagging.index = index
    st.query_params["image"] = dataset.records[index].name


def obey(state: AppState, command: Command, image: str) -> None:
    """Carry out a keyboard shortcut that was pressed while the text box showed `image`.

    A click on Next right after Ctrl+S may be carried out first, so it is the image of the box that is saved.
    """
    if command == "save":
        take_typed(state)
        root, name = json.loads(image)
        if root == str(opened(state)[0].root):
            _save(state, name)
    elif command == "first_untagged":
        first_untagged(state)
    else:
        move(state, 1 if command == "next" else -1)


def rename(state: AppState, new_stem: str) -> None:
    """Give the current image another name, so that it has a tag file of its own."""
    take_typed(state)
    _, store = opened(state)
    record = store.rename_image(open_image(state).record, new_stem)
    state.toasts.append(f"Renamed to {record.name}")
    go_to(state, record.name)


def share_caption(state: AppState) -> None:
    """Let the images that share a tag file share their caption from now on."""
    _, store = opened(state)
    store.allow_shared(open_image(state).record.stem)


def convert(state: AppState, encoding: str) -> None:
    """Rewrite the current tag file as UTF-8, reading it in the encoding that the user recognised."""
    _, store = opened(state)
    image = open_image(state)
    store.convert_to_utf8(image.record, encoding, image.sidecar.hash)
    state.toasts.append("Converted to UTF-8")
