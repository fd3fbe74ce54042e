"""One sample beside a gallery: its picture, and its text to edit and save."""

from __future__ import annotations

import functools
from pathlib import Path

import streamlit as st

from app.elements.keys_table import keys_table
from app.elements.viewer import viewer
from app.samples.editing import open_image, take_typed
from app.samples.generate_panel import generate_panel
from app.samples.generation import fill_empty_box
from app.samples.marking import MARK_KEYS
from app.samples.meaning import more_like_this
from app.samples.state import GalleryState, WalkState
from app.samples.text_panel import text_panel
from app.session.messages import guarded, title_for
from app.session.open_dataset import current_name
from app.session.pictures import display_jpeg
from app.session.state import AppState
from lib.errors import ImageRefused
from lib.images import Picture

_HEIGHT = "16rem"
"""Of the picture, so that the text below it is in sight without scrolling."""


_KEYS = MARK_KEYS | {
    "→ ←": "next and previous image",
    "Ctrl+S": "save",
    "Ctrl+Enter": "in the text box: save, and go to the next image",
    "?": "this table",
}
"""What each key does; letters, digits and arrows only while no box has the focus."""


def sample_panel(state: AppState, here: GalleryState, *, is_shown_large: bool = False) -> None:
    """Show the current image with the text box of the Tagging page: what is typed is kept the same way.

    `is_shown_large`: its picture stands beside the panel, which has captions written by a model in that place.
    Nothing is written there by looking.
    The page shows stars and keys itself then.
    """
    assert state.dataset is not None
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if st.button("Open in Tagging", key="sample.tagging", type="tertiary", icon=":material/open_in_full:"):
            # It is this very image that is to be seen there, in scope or not.
            state.of(WalkState).scope = state.scope
            st.switch_page("../pages/tagging.py")
        if not is_shown_large:
            keys_table(_KEYS, note="On a Mac, Cmd does what Ctrl does.", key="sample-keys")
        close = guarded(functools.partial(_close, state, here), "samples")
        st.button("Close", key="sample.close", type="tertiary", icon=":material/close:", on_click=close)
    image = open_image(state, current_name(state), only_looks=is_shown_large)
    if is_shown_large:
        image = fill_empty_box(state, image)
    else:
        _picture(state.dataset.root, image.name)
    text_panel(state, image, has_marks=not is_shown_large)
    if is_shown_large:
        generate_panel(state, image)
    more_like_this(state, image.name, key="sample.like")


def _picture(root: Path, name: str) -> None:
    try:
        jpeg, _, _ = display_jpeg(Picture(root, name))
        viewer(jpeg, image_id=name, alt=name, key="sample.viewer", height=_HEIGHT)
    except ImageRefused as error:
        reason = f"{title_for(error)}\n{error}"
        viewer(b"", image_id=name, alt=name, key="sample.viewer", instead=reason, height=_HEIGHT)


def _close(state: AppState, here: GalleryState) -> None:
    take_typed(state)
    here.is_open = False
