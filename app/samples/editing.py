"""An image and its tag text: open, keep drafts, save. Used by every page that edits captions.

Every action names its image: a button may be carried out after another one has already moved on, and a text must
never land under the wrong name. Every action begins with `take_typed`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from app.elements.caption_editor import Message, messages
from app.samples.own_edits import take_in_own_edit
from app.samples.state import EmptyFilesState, TextBoxState
from app.session.open_dataset import current_name, go_to, keep_selection, opened, preferences, record_of
from app.session.state import AppState
from lib.captioning import merge
from lib.dataset.base import Dataset
from lib.dataset.saving.rename import rename_image
from lib.dataset.saving.store import Store
from lib.dataset.tag_files.sidecar import Sidecar, is_as_expected
from lib.domain import ImageRecord, Origin, Selection, Style
from lib.errors import Conflict, DatasetError, FolderRefused, WriteFailed
from lib.preferences import Draft
from lib.scope import Scope
from lib.settings import settings
from lib.tables.opening import resolve_dataset
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
        if self.draft is None or not self.sidecar.exists:
            return False
        return not is_as_expected(self.sidecar, self.draft.base_hash)

    @property
    def read_only(self) -> bool:
        return self.record.shared or not self.sidecar.editable


def open_image(state: AppState, name: str, *, only_looks: bool = False) -> OpenImage:
    """Read an image's tag file and draft; a missing tag file is created blank (not on a read-only folder).

    `only_looks`: it is not, where a blank file would be one of the faults that are looked for.
    """
    dataset, store = opened(state)
    record = record_of(state, name)
    kept = preferences(state)
    draft = kept.draft(dataset.root, name)
    # Beside a draft a blank file would only look like somebody else's change.
    unwanted = (
        only_looks or draft is not None or name in dataset.unreadable or name in state.of(EmptyFilesState).removed
    )
    sidecar = store.read(record) if unwanted else store.create_blank(record)
    if draft is not None and draft.text == sidecar.text and draft.base_hash != sidecar.hash:
        # A save that was broken off after the file was written, or somebody else wrote the very same.
        kept.drop_draft(dataset.root, name)
        draft = None
    if draft is not None and sidecar.editable:
        draft = take_in_own_edit(state, store, record, sidecar, draft)
    # The record is looked up again: reading may have brought it up to date.
    return OpenImage(record_of(state, name), sidecar, draft)


def take_typed(state: AppState) -> None:
    """Keep what the text box reported since the last time as drafts.

    Raises WriteFailed where one cannot be kept; the box has it still. DatasetError where there is something to tell.
    """
    if state.dataset is None or state.store is None:
        return
    failure: DatasetError | None = None
    for message in messages(EDITOR_KEY, state.session):
        if message.serial <= state.of(TextBoxState).heard:
            continue
        if message.is_new:
            try:
                _take(state, state.dataset, state.store, message)
            except WriteFailed as error:
                # Not heard: the box keeps the text and sends it again, and those behind it, too.
                state.of(TextBoxState).unkept = error
                raise
            except DatasetError as error:
                # The others are taken in all the same.
                failure = error
        # Not before it is kept: Streamlit breaks callbacks off for newer clicks. The box sends again what is unheard.
        state.of(TextBoxState).heard = message.serial
    _forget_unkept(state)
    if failure is not None:
        raise failure


def _forget_unkept(state: AppState) -> None:
    """What could not be kept before is kept now: the notice that says otherwise goes."""
    unkept, state.of(TextBoxState).unkept = state.of(TextBoxState).unkept, None
    for place in [place for place, error in state.errors.items() if error is unkept]:
        del state.errors[place]


def _take(state: AppState, dataset: Dataset, store: Store, news: Message) -> None:
    root, name = news.root, news.image
    record = dataset.get(name) if root == str(dataset.root) else None
    if record is not None:
        _keep(state, store, record, news)
        return
    if root != str(dataset.root):
        _must_be_open_to(state.owner, root, news)
    # Of a folder that was let go, or of an image that another program took away: words are kept all the same.
    preferences(state).keep_draft(Path(root), name, Draft(news.text, news.base_hash, Origin(), state.session))
    if root == str(dataset.root):
        hint = f"It is kept as a draft, should the image come back:\n{news.text}"
        raise DatasetError(f"{name} is not in this folder any more, so what you typed cannot be saved.", hint)


def _must_be_open_to(owner: str, root: str, news: Message) -> None:
    """Words are kept for a folder that their owner may open, and for no other."""
    try:
        resolve_dataset(root, settings(), owner)
    except FolderRefused as exc:
        hint = f"What you typed for {news.image} is not kept. It was:\n{news.text}"
        raise DatasetError(exc.message, hint) from exc


def _keep(state: AppState, store: Store, record: ImageRecord, news: Message) -> None:
    kept, sidecar = preferences(state), store.read(record)
    # Typed before the answer to a save of our own was back: what it was typed upon is what that save wrote.
    base = state.of(TextBoxState).own_saves.get((record.name, news.base_hash), news.base_hash)
    before = kept.draft(store.root, record.name)
    if before is not None and before.text == news.text:
        return
    # Typed over a text that the box had not shown yet: it must not vanish unseen.
    unseen = before if before and before.writer != state.session and text_hash(before.text) != news.shown else None
    if sidecar.hash == base and sidecar.text == news.text and unseen is None:
        kept.drop_draft(store.root, record.name)
    else:
        mine = Draft(news.text, base, _edited(None if unseen else before), state.session)
        kept.keep_draft(store.root, record.name, mine, aside=unseen)
    if unseen is not None:
        raise DatasetError(
            f"While you typed, {record.name} got another text, from another tab of yours or by a button.",
            "Nothing is lost: yours is in the box, the other one stands above it.",
        )


def text_hash(text: str) -> str:
    """A short name for a text, by which the box says what it showed."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _edited(draft: Draft | None) -> Origin:
    """Where a text comes from once a person has changed it."""
    return replace(draft.origin, edited=True) if draft else Origin()


def save(state: AppState, name: str) -> bool:
    """Write an image's draft to its tag file. False where there was none, or one of two texts must be chosen first.

    Raises SharedStem, SidecarUndecodable, WriteFailed, DatasetError where the draft came from another tab and was not
    shown here, or Conflict for another image than the current one (which shows its conflict anyway). The draft stays
    until the file holds it.
    """
    take_typed(state)
    dataset, store = opened(state)
    draft = preferences(state).draft(dataset.root, name)
    if draft is None:
        state.note("Nothing new to save")
        return False
    _must_be_shown(state, name, draft)
    try:
        saved = store.save(record_of(state, name), draft.text, draft.base_hash, draft.origin)
    except Conflict:
        if name != current_name(state):
            raise
        if not (found := open_image(state, name)).in_conflict:
            if found.draft == draft:
                raise
            # Shown first, since nobody has read the two as one.
            return False
        state.note("Not saved: choose one of the two texts first")
        return False
    state.of(TextBoxState).own_saves[name, draft.base_hash] = saved.hash
    preferences(state).drop_draft(dataset.root, name)
    state.done("Saved")
    return True


def _must_be_shown(state: AppState, name: str, draft: Draft) -> None:
    """A draft that another tab wrote is saved only where it was seen; what this box held before goes back into it."""
    if draft.writer in ("", state.session):
        return
    shown_name, shown = state.of(TextBoxState).shown
    if shown_name == name and shown is not None and shown.text == draft.text:
        return
    if shown_name == name and shown is not None:
        mine = replace(shown, writer=state.session)
        preferences(state).keep_draft(opened(state)[0].root, name, mine, aside=draft)
        hint = "Both texts are here now: yours in the box, the other one above it. Save writes the one in the box."
    else:
        hint = "That one is in the box now. Save it if it is right."
    raise DatasetError(f"{name} got another text in another tab of yours, so nothing was saved.", hint)


def put_text(state: AppState, image: OpenImage, text: str, origin: Origin) -> None:
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
        state.note("That tag is there already")
        return
    put_text(state, image, merge(image.text, term, "append", style), _edited(image.draft))


def put_back(state: AppState, name: str, text: str, origin: Origin) -> None:
    """Put a former text of an image into its box; what stood in the box is replaced, the file stays as it is."""
    take_typed(state)
    image = open_image(state, name)
    if image.read_only:
        raise DatasetError(f"{name} cannot be edited yet.", "See the note above its text.")
    put_text(state, image, text, origin)


def revert(state: AppState, name: str) -> None:
    """Drop an image's draft and show what is on disk."""
    take_typed(state)
    dataset, _ = opened(state)
    preferences(state).drop_draft(dataset.root, name)


def insist(state: AppState, name: str, seen_hash: str) -> None:
    """In a conflict: save the user's text over the one that was shown beside the button, and no other."""
    take_typed(state)
    dataset, _ = opened(state)
    draft = preferences(state).draft(dataset.root, name)
    if draft is not None:
        preferences(state).keep_draft(dataset.root, name, replace(draft, base_hash=seen_hash))
        save(state, name)


def rename(state: AppState, name: str, new_stem: str) -> None:
    """Give an image another name, so that it has a tag file of its own; its draft goes with it."""
    take_typed(state)
    dataset, store = opened(state)
    record = rename_image(store, record_of(state, name), new_stem)
    preferences(state).rename_draft(dataset.root, name, record.name)
    _rename_chosen(state, name, record.name)
    state.done(f"Renamed to {record.name}")
    go_to(state, record.name)


def _rename_chosen(state: AppState, name: str, new: str) -> None:
    """An image that was chosen stays chosen under its new name: in the scope, and in whatever the rooms keep."""

    def renamed(scope: Scope) -> Scope:
        if scope.names is None or name not in scope.names:
            return scope
        names = scope.names - {name} | {new}
        keep_selection(state, Selection(names, scope.label))
        return replace(scope, names=names)

    state.scope = renamed(state.scope)
    if state.refused is not None:
        state.refused = replace(state.refused, scope=renamed(state.refused.scope))
    for room in state.all_rooms():
        room.image_renamed(state, name, new)
