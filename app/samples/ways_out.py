"""The ways out where an image's tag file cannot be edited as it is."""

from __future__ import annotations

from app.samples.editing import take_typed
from app.session.open_dataset import opened, record_of
from app.session.state import AppState


def share_caption(state: AppState, name: str) -> None:
    """Let the images that share a tag file share their caption from now on."""
    take_typed(state)
    _, store = opened(state)
    store.allow_shared(record_of(state, name).stem)


def convert(state: AppState, name: str, encoding: str, seen_hash: str) -> None:
    """Rewrite a tag file as UTF-8, reading it in the encoding in which the user recognised it."""
    take_typed(state)
    _, store = opened(state)
    store.convert_to_utf8(record_of(state, name), encoding, seen_hash)
    state.done("Converted to UTF-8")
