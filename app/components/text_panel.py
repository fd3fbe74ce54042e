"""The tag text of the current image: edit, count, save; and the ways out where it cannot be edited."""

from __future__ import annotations

import html

import streamlit as st

from app.components.caption_editor import caption_editor
from app.editing import (
    EDITOR_KEY,
    OpenImage,
    box_id,
    convert,
    insist,
    obey,
    opened,
    rename,
    revert,
    save,
    share_caption,
    take_typed,
)
from app.messages import guarded, notice, show_kept
from app.state import AppState
from lib.settings import settings
from lib.text import CLIP_TOKENS, clip_tokens


def text_panel(state: AppState, image: OpenImage) -> None:
    """Show the text box with its buttons."""
    sidecar = image.record.sidecar.rpartition("/")[2]
    st.html(f"<div class='toolkit-name'>{html.escape(image.record.name)} <small>{html.escape(sidecar)}</small></div>")
    _obstacles(state, image)
    dataset, _ = opened(state)
    caption_editor(
        image=box_id(dataset, image.record),
        base_hash=image.base_hash,
        text=image.text,
        revision=state.tagging.revision,
        read_only=image.read_only,
        key=EDITOR_KEY,
        on_typed=guarded(lambda: take_typed(state), "text", is_action=False),
        on_command=guarded(lambda command, shown: obey(state, command, shown), "text"),
    )
    _facts(image)
    show_kept("text")
    with st.container(horizontal=True):
        st.button(
            "Save",
            type="primary",
            key="tagging.save",
            icon=":material/save:",
            help="Ctrl+S",
            on_click=guarded(save, "text"),
            args=(state,),
            disabled=image.read_only,
        )
        if image.draft is not None:
            st.button(
                "Undo typing", key="tagging.revert", on_click=guarded(revert, "text"), args=(state,), type="tertiary"
            )


def _facts(image: OpenImage) -> None:
    tokens, exact = clip_tokens(image.text, settings().tokenizer)
    count = f"{'' if exact else 'about '}{tokens:,} of {CLIP_TOKENS} tokens"
    over = " class='over'" if tokens > CLIP_TOKENS else ""
    state = "not saved yet" if image.draft is not None else "saved" if image.text.strip() else "untagged"
    st.html(
        f"<div class='toolkit-facts'><span{over}>{count}</span><span>{len(image.text):,} characters</span>"
        f"<span>{state}</span></div>"
    )


def _obstacles(state: AppState, image: OpenImage) -> None:
    if image.record.shared:
        _shared(state, image)
    elif not image.sidecar.editable:
        _undecodable(state, image)
    elif image.in_conflict:
        _conflict(state, image)


def _shared(state: AppState, image: OpenImage) -> None:
    dataset, _ = opened(state)
    names = dataset.shared_stems.get(image.record.stem, ())
    notice(
        "warning",
        f"{', '.join(names)} have one tag file between them: {image.record.sidecar}.",
        "Nothing is written until you choose a way out.",
        "Two images share one tag file",
    )
    stem, suffix = image.record.stem.rpartition("/")[2], image.record.name.rpartition(".")[2]
    new = st.text_input(
        "New name of this image, without its ending", f"{stem}_{suffix}", key=f"tagging.rename.{image.record.name}"
    )
    with st.container(horizontal=True):
        st.button("Rename this image", key="tagging.rename", on_click=guarded(rename, "text"), args=(state, new))
        st.button(
            "Let them share the caption", key="tagging.share", on_click=guarded(share_caption, "text"), args=(state,)
        )


def _undecodable(state: AppState, image: OpenImage) -> None:
    notice(
        "warning",
        f"The bytes of {image.record.sidecar} are not UTF-8 text. The file is left as it is, and cannot be edited yet.",
        "Choose the reading that looks right, then convert it to UTF-8.",
        "This tag file is not readable text",
    )
    readings = dict(image.sidecar.guesses)
    if not readings:
        return
    encoding = st.selectbox("Read it as", list(readings), key=f"tagging.encoding.{image.record.name}")
    st.code(readings[encoding][:2000], language=None, wrap_lines=True)
    st.button("Convert to UTF-8", key="tagging.convert", on_click=guarded(convert, "text"), args=(state, encoding))


def _conflict(state: AppState, image: OpenImage) -> None:
    notice(
        "warning",
        f"{image.record.sidecar} was changed by someone else after you began. Your text is kept below as a draft.",
        "This is what the file holds now:",
        "The tag file changed meanwhile",
    )
    st.code(image.sidecar.text or "(empty)", language=None, wrap_lines=True)
    with st.container(horizontal=True):
        st.button("Save mine over it", key="tagging.insist", on_click=guarded(insist, "text"), args=(state,))
        st.button("Take the file's text", key="tagging.theirs", on_click=guarded(revert, "text"), args=(state,))
