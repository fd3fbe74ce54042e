"""The tag text of the current image: edit, count, save; and the ways out where it cannot be edited."""

from __future__ import annotations

import functools
import html
from collections.abc import Callable

import streamlit as st

from app.elements.caption_editor import Box, Completion, box_id, caption_editor
from app.samples.author_line import author_line
from app.samples.editing import (
    EDITOR_KEY,
    OpenImage,
    insist,
    rename,
    revert,
    save,
    take_typed,
    text_hash,
)
from app.samples.former_texts import former_panel
from app.samples.history_words import model_labels, time_ago, what, who
from app.samples.marking import marks_line
from app.samples.navigate import obey, save_and_next
from app.samples.other_texts import other_texts
from app.samples.state import TabState, TextBoxState
from app.samples.ways_out import convert, share_caption
from app.session.messages import guarded, notice, show_kept
from app.session.open_dataset import opened
from app.session.state import AppState
from lib.settings import settings
from lib.text import CLIP_TOKENS, clip_tokens


def text_panel(
    state: AppState,
    image: OpenImage,
    completion: Completion | None = None,
    *,
    is_first_stop: bool = False,
    has_marks: bool = True,
) -> None:
    """Show the text box with its buttons; `is_first_stop`: Tab leads into it before all else.

    `has_marks`: stars and “left out” stand above it.
    """
    sidecar = image.record.sidecar.rpartition("/")[2]
    st.html(f"<div class='toolkit-name'>{html.escape(image.record.name)} <small>{html.escape(sidecar)}</small></div>")
    if has_marks:
        marks_line(state, image.name)
    # In a place of their own: what comes in front of the box would move it, and in mid-word the focus would be lost.
    with st.container():
        _obstacles(state, image)
        other_texts(state, image)
    caption_editor(
        _box(state, image, is_first_stop=is_first_stop),
        completion or Completion(),
        key=EDITOR_KEY,
        on_typed=guarded(functools.partial(take_typed, state), "text", is_action=False),
        on_commands=guarded(functools.partial(obey, state), "text"),
    )
    _facts(image)
    author_line(state, image)
    show_kept("text")
    # Close together, so that Undo typing has room in the row: what stands below keeps its place at the first letter.
    with st.container(horizontal=True, gap="xsmall", key="text-buttons"):
        st.button(
            "Save and next",
            type="primary",
            key="tagging.save_and_next",
            help="Ctrl+Enter in the text box",
            on_click=_on(save_and_next, state, image),
            disabled=image.read_only,
        )
        st.button(
            "Save",
            key="tagging.save",
            icon=":material/save:",
            help="Ctrl+S",
            on_click=_on(save, state, image),
            disabled=image.read_only,
        )
        if image.draft is not None:
            undo = "Undo" if image.draft.origin.model else "Undo typing"
            st.button(undo, key="tagging.revert", on_click=_on(revert, state, image), type="tertiary")
        former_panel(state, image)


def _box(state: AppState, image: OpenImage, *, is_first_stop: bool) -> Box:
    told = state.of(TextBoxState)
    told.shown = image.name, image.draft
    return Box(
        image=box_id(str(opened(state)[0].root), image.name),
        session=state.session,
        is_followed=state.of(TabState).is_followed,
        base_hash=image.base_hash,
        text=image.text,
        shown=text_hash(image.text),
        heard=told.heard,
        obeyed=told.obeyed,
        read_only=image.read_only,
        is_first_stop=is_first_stop,
    )


def _on(action: Callable[[AppState, str], object], state: AppState, image: OpenImage) -> Callable[[], None]:
    """An action upon the image that is drawn, wherever the page has gone by the time it is carried out."""
    return guarded(functools.partial(action, state, image.name), "text")


def _facts(image: OpenImage) -> None:
    if not image.sidecar.editable:
        return
    tokens, exact = clip_tokens(image.text, settings().tokenizer)
    count = f"{'' if exact else 'about '}{tokens:,} of {CLIP_TOKENS} tokens"
    over = " class='over'" if tokens > CLIP_TOKENS else ""
    state = "not saved yet" if image.draft is not None else "saved" if image.text.strip() else "untagged"
    why = "CLIP, which most image generators read with, takes so many"
    st.html(
        f"<div class='toolkit-facts'><span{over} title='{why}'>{count}</span>"
        f"<span>{len(image.text):,} characters</span><span>{state}</span></div>"
    )


def _obstacles(state: AppState, image: OpenImage) -> None:
    if image.record.shared:
        _shared(state, image)
    elif not image.sidecar.editable:
        _undecodable(state, image)
    elif image.in_conflict:
        _conflict(state, image)
    else:
        _taken_in(state, image)
        _other_encoding(state, image)
    if opened(state)[0].read_only:
        notice(
            "warning", "This folder cannot be written to, so nothing can be saved.", "What you type is kept as a draft."
        )


def _shared(state: AppState, image: OpenImage) -> None:
    dataset, _ = opened(state)
    names = dataset.shared_stems.get(image.record.stem, ())
    notice(
        "warning",
        f"{', '.join(names)} have one tag file between them: {image.record.sidecar}.",
        "Nothing is written until you choose a way out.",
        "Two images share one tag file",
    )
    stem, suffix = image.record.stem.rpartition("/")[2], image.name.rpartition(".")[2]
    field = f"tagging.rename.{image.name}"
    st.text_input("New name of this image, without its ending", f"{stem}_{suffix}", key=field)

    def rename_it(state: AppState, name: str) -> None:
        rename(state, name, str(st.session_state[field]))

    with st.container(horizontal=True):
        st.button("Rename this image", key="tagging.rename", on_click=_on(rename_it, state, image))
        st.button("Let them share the caption", key="tagging.share", on_click=_on(share_caption, state, image))


def _undecodable(state: AppState, image: OpenImage) -> None:
    readings = dict(image.sidecar.guesses)
    way_out = "Choose the reading that looks right, then convert it to UTF-8." if readings else ""
    notice(
        "warning",
        f"{image.record.sidecar} cannot be edited yet, and is left as it is. {image.sidecar.reason}",
        way_out,
        "This tag file is not readable text",
    )
    if not readings:
        return
    field = f"tagging.encoding.{image.name}"
    encoding = st.selectbox("Read it as", list(readings), key=field)
    st.code(readings[encoding][:2000], language=None, wrap_lines=True)

    def convert_it(state: AppState, name: str) -> None:
        convert(state, name, str(st.session_state[field]), image.sidecar.hash)

    st.button("Convert to UTF-8", key="tagging.convert", on_click=_on(convert_it, state, image))


_MARKED = {
    "utf-16": "It is text in UTF-16, which most trainers stop at or misread. An edit leaves it so.",
    "utf-8-sig": "It begins with a byte order mark, which some trainers read as a letter. An edit leaves it there.",
}


def _other_encoding(state: AppState, image: OpenImage) -> None:
    why = _MARKED.get(image.sidecar.encoding, "")
    # A draft is upon the file as it is: converted, that would be another one.
    if not why or image.draft is not None or opened(state)[0].read_only:
        return
    sidecar = image.sidecar

    def convert_it(state: AppState, name: str) -> None:
        convert(state, name, sidecar.encoding, sidecar.hash)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(why, width="stretch")
        st.button("Convert to UTF-8", key="tagging.convert", on_click=_on(convert_it, state, image))


def _conflict(state: AppState, image: OpenImage) -> None:
    changed = f"{image.record.sidecar} was changed {_by_whom(state, image)} after you began."
    notice(
        "warning",
        f"{changed} Your text is kept below as a draft.",
        "This is what the file holds now:",
        "The tag file changed meanwhile",
    )
    st.html(f"<div class='toolkit-former'>{html.escape(image.sidecar.text) or '(empty)'}</div>")
    save_mine = functools.partial(insist, seen_hash=image.sidecar.hash)
    with st.container(horizontal=True):
        st.button("Save mine over it", key="tagging.insist", on_click=_on(save_mine, state, image))
        st.button("Take the file's text", key="tagging.theirs", on_click=_on(revert, state, image))


def _taken_in(state: AppState, image: OpenImage) -> None:
    name, base, what_it_was = state.of(TextBoxState).taken_in
    if image.draft is not None and (image.name, image.draft.base_hash) == (name, base):
        notice(
            "info",
            f"You edited the saved text meanwhile ({what_it_was}). That is in your draft now.",
            "Undo typing leaves the saved text alone.",
        )


def _by_whom(state: AppState, image: OpenImage) -> str:
    """Who made the file what it is, as far as the journal knows it."""
    latest = opened(state)[1].journal.history(image.record.sidecar, limit=1)
    if not latest or latest[0].state != "done" or latest[0].after != image.sidecar.data:
        return "by someone else"
    made = f"{what(latest[0].kind, latest[0].origin, model_labels())}, {time_ago(latest[0].at)}"
    return f"by {who(latest[0].by, state.owner)} ({made})"
