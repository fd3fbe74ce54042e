"""Getting about in the open folder, and leaving it. What is typed is taken along first."""

from __future__ import annotations

import contextlib
import itertools
from bisect import bisect_right
from collections.abc import Mapping

from app.elements.caption_editor import Command, Message, messages
from app.samples import scope
from app.samples.editing import EDITOR_KEY, save, take_typed, text_hash
from app.samples.state import Galleries, TabState, TextBoxState, WalkState
from app.session.open_dataset import (
    close_folder,
    current_name,
    follow_link,
    go_to,
    opened,
    preferences,
    reload_folder,
    scope_of_link,
    show,
)
from app.session.state import AppState
from lib.dataset.base import Dataset
from lib.errors import InvalidInput, WriteFailed
from lib.records import names_of, tagged_at
from lib.scope import Scope


def move(state: AppState, step: int) -> None:
    """Go `step` images of the scope on, round the end."""
    take_typed(state)
    place = scope.step(scope.walk(state), state.index, step)
    if place is None:
        state.note("No image is in scope")
    else:
        show(state, place)


def enter_scope(state: AppState) -> None:
    """Go to an image of the scope, where that is another one than was walked through last.

    Within the same scope everyone stays where they went: to an image outside it, or to one that left it when its
    caption was saved. An image that was asked for before the first walk, by a link or on another page, stays, too.
    """
    walked = state.of(WalkState)
    if walked.scope == state.scope:
        return
    is_asked_for = walked.scope is None and state.index > 0
    walked.scope = state.scope
    with contextlib.suppress(InvalidInput):
        places = scope.walk(state)
        if places and not is_asked_for and state.index not in places:
            show(state, places[bisect_right(places, state.index) % len(places)])


def visit(state: AppState, name: str) -> None:
    """Go to an image by its name."""
    take_typed(state)
    go_to(state, name)


def save_and_next(state: AppState, name: str) -> None:
    """Save an image's draft, where there is one, and go on from that image; stay where something bars the save.

    Where the page shows another image by now, the keys were pressed twice: nobody goes past an image unseen.
    """
    take_typed(state)
    if preferences(state).draft(opened(state)[0].root, name) is not None and not save(state, name):
        return
    if current_name(state) == name:
        move(state, 1)


def next_untagged(state: AppState) -> None:
    """Go to the next image of the scope without a caption, round the end; never to the one that is shown."""
    take_typed(state)
    dataset, store = opened(state)
    walked = scope.walk(state)
    at = bisect_right(walked, state.index)
    is_tagged = tagged_at(dataset.records)
    for index in itertools.chain(walked[at:], walked[:at]):
        if index == state.index or is_tagged(index):
            continue
        # Read again, since another program may have written a caption after the folder was opened.
        if not store.read(dataset.records[index]).text.strip():
            show(state, index)
            return
    where = "" if state.scope == Scope() else " in scope"
    other = "Every image" if _has_text(state) else "Every other image"
    state.note(f"{other}{where} has a tag")


def _has_text(state: AppState) -> bool:
    dataset, store = opened(state)
    return not len(dataset) or bool(store.read(dataset.records[state.index]).text.strip())


def jump(state: AppState, wanted: str) -> None:
    """Go to a number (from 1), or to the next image whose name holds the text."""
    take_typed(state)
    dataset, _ = opened(state)
    wanted = wanted.strip()
    index = _numbered(dataset, wanted)
    if index is None:
        index = _named(dataset, wanted, state.index)
    if index is None:
        hint = f"Give a number from 1 to {len(dataset):,}, or part of a name."
        raise InvalidInput(f"There is no image “{wanted}”.", hint)
    show(state, index)
    with contextlib.suppress(InvalidInput):
        if index not in scope.walk(state):
            state.note("This image is outside the scope")


def _numbered(dataset: Dataset, wanted: str) -> int | None:
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 12 and 1 <= int(wanted) <= len(dataset):
        return int(wanted) - 1
    return None


def _named(dataset: Dataset, wanted: str, start: int) -> int | None:
    exact = dataset.index_of(wanted)
    if exact is not None:
        return exact
    count, needle = len(dataset), wanted.casefold()
    known = names_of(dataset.records)
    names = [known[(start + 1 + step) % count].casefold() for step in range(count)]
    whole = (step for step, name in enumerate(names) if needle in (name, name.rpartition("/")[2]))
    part = (step for step, name in enumerate(names) if needle in name)
    found = next(whole, next(part, None))
    return None if found is None else (start + 1 + found) % count


def obey(state: AppState) -> None:
    """Carry out the shortcuts that were pressed and not carried out yet, in their order."""
    try:
        take_typed(state)
    except WriteFailed:
        # The text is sent again; what was asked for with it is not carried out at some later moment.
        pressed = [message.serial for message in messages(EDITOR_KEY, state.session) if message.command is not None]
        state.of(TextBoxState).obeyed = max([state.of(TextBoxState).obeyed, *pressed])
        raise
    for message in messages(EDITOR_KEY, state.session):
        if message.command is not None and message.serial > state.of(TextBoxState).obeyed:
            # Streamlit breaks callbacks off for newer clicks. What it broke off is not obeyed: the box sends it again.
            try:
                _obey(state, message.command, message)
            except Exception:
                state.of(TextBoxState).obeyed = message.serial
                raise
            state.of(TextBoxState).obeyed = message.serial


def _obey(state: AppState, command: Command, pressed: Message) -> None:
    """`pressed`: what the box showed when the keys were pressed."""
    if command in ("save", "save_and_next"):
        if pressed.root == str(opened(state)[0].root) and not _is_unseen(state, pressed):
            (save if command == "save" else save_and_next)(state, pressed.image)
    elif command == "next_untagged":
        next_untagged(state)
    else:
        move(state, 1 if command == "next" else -1)


def _is_unseen(state: AppState, pressed: Message) -> bool:
    """Whether an answer came into the box after the keys were pressed: nobody saves what they have not seen."""
    image, text = state.of(TextBoxState).unasked
    draft = preferences(state).draft(opened(state)[0].root, image) if image == pressed.image else None
    if draft is None or pressed.is_new or text_hash(draft.text) != text or pressed.shown == text:
        return False
    state.note("Not saved: a generated tag has come into the box just now")
    return True


def step_back(state: AppState, id: str, address: Mapping[str, str]) -> None:
    """Go to where the browser's Back or Forward has led: to a folder, scope and image, or to the start page."""
    tab = state.of(TabState)
    if tab.returned == id:
        # The tab asks again until it has heard the answer.
        return
    try:
        return_to(state, address)
    except Exception:
        tab.returned = id
        raise
    # A run that another one takes over on the way has not answered, and is asked again.
    tab.returned = id


def return_to(state: AppState, address: Mapping[str, str], kept: str = "") -> None:
    """Go back to where a tab is that has outlived the session it was in: to its folder, scope and image.

    `kept`: what the former session had the tab keep of its galleries.
    """
    state.of(TabState).is_followed = True
    take_typed(state)
    was_open = state.dataset is not None and str(state.dataset.root) == address.get("folder")
    follow_link(state, address)
    if was_open:
        scope.set_scope(state, scope_of_link(state, address))
    if state.dataset is not None and str(state.dataset.root) == address.get("folder"):
        state.of(Galleries).take_back(kept, state.dataset)


def reload(state: AppState) -> None:
    """Scan the open folder again, so that changes made by other programs are seen; the place is kept."""
    take_typed(state)
    index, name = state.index, current_name(state)
    reload_folder(state)
    # Where the image itself is gone, its place is as near as one can get.
    show(state, min(index, max(0, len(opened(state)[0]) - 1)))
    go_to(state, name)


def close(state: AppState) -> None:
    """Show the start page again; drafts are kept, and nothing on disk changes."""
    take_typed(state)
    close_folder(state)
