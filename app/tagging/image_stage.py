"""The current image, as large as the window lets it, with its neighbours below."""

from __future__ import annotations

import contextlib
import functools
from bisect import bisect_left, insort
from collections.abc import Set
from pathlib import Path

import streamlit as st

from app.elements.gallery import Thumb, ThumbMark, alt_text, data_url, gallery
from app.elements.viewer import viewer
from app.samples.editing import OpenImage
from app.samples.empty_tag_files import empty_files_note
from app.samples.navigate import visit
from app.samples.scope import step, walk
from app.session.messages import guarded, title_for
from app.session.open_dataset import preferences
from app.session.pictures import display_jpeg, thumbnail
from app.session.state import AppState
from lib import cache, images
from lib.dataset.base import Dataset
from lib.domain import ImageRecord
from lib.errors import ImageRefused, InvalidInput
from lib.images import Picture
from lib.scope import marks_of
from lib.settings import settings

NEIGHBOURS = 5
"""Images shown on either side of the current one."""

_THUMB_SIDE = 160


def image_stage(state: AppState, dataset: Dataset, image: OpenImage) -> None:
    """Show the image, or why it cannot be shown, and the filmstrip."""
    alt = alt_text(image.name, image.text)
    try:
        jpeg, width, height = display_jpeg(Picture(dataset.root, image.name))
        viewer(jpeg, image_id=image.name, alt=alt, key="tagging.viewer")
        size = f"{width:,} × {height:,} pixels"
    except ImageRefused as error:
        viewer(b"", image_id=image.name, alt=alt, key="tagging.viewer", instead=f"{title_for(error)}\n{error}")
        size = ""
    places = _places(state)
    _filmstrip(state, dataset, places)
    ahead = step(places, state.index, 1)
    if ahead is not None:
        cache.ahead().submit(_prepare, Picture(dataset.root, dataset.records[ahead].name))
    if size:
        st.caption(size)
    empty_files_note(state, dataset)


def _prepare(picture: Picture) -> None:
    # Whatever is wrong with that image is told when it is shown.
    with contextlib.suppress(ImageRefused):
        images.display_jpeg(picture)


def _places(state: AppState) -> list[int] | range:
    # What is wrong with the scope is told above the image.
    with contextlib.suppress(InvalidInput):
        return walk(state)
    return []


def _filmstrip(state: AppState, dataset: Dataset, walked: list[int] | range) -> None:
    places = _around(walked, state.index)
    drafts = set(preferences(state).unsaved(dataset.root))
    out = frozenset[str]()
    # What is wrong is told above the text.
    with contextlib.suppress(InvalidInput):
        out = marks_of(dataset).left_out
    gallery(
        [_thumb(dataset.root, dataset.records[place], place, drafts, out) for place in places],
        selected=dataset.records[state.index].name,
        label="Neighbours",
        key="tagging.filmstrip",
        on_pick=guarded(functools.partial(visit, state)),
    )


def _around(walked: list[int] | range, here: int) -> list[int]:
    """The places on either side of one, as many at the ends; they do not go round: the first is not after the last."""
    at = bisect_left(walked, here)
    first = max(0, min(at - NEIGHBOURS, len(walked) - 2 * NEIGHBOURS - 1))
    places = list(walked[first : first + 2 * NEIGHBOURS + 1])
    if here not in places:
        # Outside the scope, by a jump or a link: it is shown all the same, so it is marked here, too.
        insort(places, here)
    return places


def _thumb(root: Path, record: ImageRecord, place: int, drafts: Set[str], out: Set[str]) -> Thumb:
    try:
        small = thumbnail(Picture(root, record.name), _THUMB_SIDE, settings().thumbnails, settings().thumbnail_cache_mb)
        src = data_url(small)
    except ImageRefused:
        src = ""
    mark: ThumbMark = "" if record.is_tagged else "untagged"
    if record.name in drafts or record.name in out:
        mark = "draft" if record.name in drafts else "left_out"
    alt = alt_text(record.name, record.text)
    return Thumb(record.name, record.name, f"{place + 1:,}", src, alt, mark)
