"""Samples page by page: pictures with their text, hits marked; one opens beside them, ticked ones become the scope."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import streamlit as st

from app.elements.gallery import alt_text, data_url
from app.elements.sample_grid import Card, sample_grid
from app.samples.marking import leave_images_out
from app.samples.navigate import visit
from app.samples.pager import pager
from app.samples.sample_panel import sample_panel
from app.samples.scope import set_scope
from app.samples.state import Galleries, GalleryState
from app.session.messages import error_boundary, guarded, show_kept
from app.session.open_dataset import current_name, record_of
from app.session.pictures import thumbnail
from app.session.state import AppState
from lib.dataset.journal.marks import Marks
from lib.domain import ImageRecord
from lib.errors import ImageRefused
from lib.images import Picture
from lib.scope import Scope, marks_of
from lib.settings import settings
from lib.text import counted

PAGE_SIZES = (12, 24, 48, 96)

_THUMB_SIDE = 320
_AROUND_HIT = 60
"""Characters shown before the first hit of a long text."""
_SHOWN = 300

Spans = Callable[[str], list[tuple[int, int]] | None]


def sample_gallery(
    state: AppState,
    records: Sequence[ImageRecord],
    *,
    key: str,
    spans_for: Spans | None = None,
    note_for: Callable[[ImageRecord], str] | None = None,
    has_dropdown: bool = False,
    on_open: Callable[[], None] | None = None,
) -> None:
    """Show samples, in their order; with a dropdown of those on the page, if wanted.

    A click opens a sample beside them, or with `on_open`, which is then called, wherever that shows the open one.

    `spans_for` gives start and end of each hit in a text, from the left, None where they took too long to find;
    `note_for` a word beside a sample's name.
    """
    here = state.of(Galleries).at(key)
    show_kept("samples")
    if not records:
        _none(state, here, has_panel=on_open is None)
        return

    def pick(name: str) -> None:
        open_sample(state, here, name)
        if on_open is not None:
            on_open()

    has_panel = here.is_open and on_open is None
    samples, panel = st.columns([7, 5], gap="medium") if has_panel else (st.container(), None)
    with samples:
        shown, place = _page(state, here, records, key, pick if has_dropdown else None)
        _cards(state, here, shown, (f"{key}.samples", place), pick, spans_for, note_for)
    if panel is not None:
        with panel:
            sample_panel(state, here)


def _none(state: AppState, here: GalleryState, *, has_panel: bool) -> None:
    """Say that there is no sample; the open one stays, since somebody may be typing in it."""
    if not here.is_open or not has_panel:
        st.caption("No sample is in this scope.")
        return
    samples, panel = st.columns([7, 5], gap="medium")
    with samples:
        st.caption("No sample is in scope. The open one is not in scope any more.")
    with panel:
        sample_panel(state, here)


def page_of(records: Sequence[ImageRecord], key: str) -> tuple[Sequence[ImageRecord], int]:
    """Show how many a page holds and which page it is; gives that page's records and its number. In a row."""
    size = st.selectbox(
        "A page", PAGE_SIZES, index=1, key=f"{key}.size", persist_state="session", label_visibility="collapsed",
        width=120, format_func=lambda count: f"{count} a page",
    )  # fmt: skip
    pages = -(-len(records) // size)
    # Another number of pages is another row of buttons: one that has become too high a number would be refused.
    page = pager(pages, key=f"{key}.page.{pages}", persist_state="session") if pages > 1 else 1
    return records[(page - 1) * size : page * size], page


def _page(
    state: AppState,
    here: GalleryState,
    records: Sequence[ImageRecord],
    key: str,
    on_pick: Callable[[str], None] | None,
) -> tuple[Sequence[ImageRecord], str]:
    """The row above the samples: with `on_pick` a dropdown of them; which page it is; what is done with ticked ones."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}-pages"):
        by_name = st.container(key=f"{key}-by-name") if on_pick is not None else None
        shown, page = page_of(records, key)
        names = [record.name for record in shown]
        if by_name is not None and on_pick is not None:
            with by_name:
                _dropdown(state, here, names, key, on_pick)
        tick = guarded(functools.partial(_tick, here, frozenset(names)), "samples")
        st.button("Choose this page", key=f"{key}.all", type="tertiary", on_click=tick)
        if here.ticked:
            choose = guarded(functools.partial(_use, state, here), "samples")
            label = f"Use {counted(len(here.ticked), 'sample')} as scope"
            st.button(label, key=f"{key}.use", icon=":material/filter_alt:", on_click=choose)
            forget = guarded(functools.partial(_untick, here), "samples")
            out = guarded(functools.partial(_leave_out, state, here), "samples")
            st.button("Leave them out", key=f"{key}.leave_out", type="tertiary", on_click=out)
            st.button("Choose none", key=f"{key}.none", type="tertiary", on_click=forget)
    return shown, f"{page}.{here.revision}.{hash(tuple(names))}"


def _dropdown(state: AppState, here: GalleryState, names: list[str], key: str, on_pick: Callable[[str], None]) -> None:
    """The samples of the page by name. Of all samples at once a browser would choke."""
    current = current_name(state) if here.is_open and current_name(state) in names else None
    # A field of its own for each sample: a message of the browser that was on its way with an earlier choice would be
    # taken for a new one, and open that sample again.
    field = f"{key}.sample.{current or ''}"
    st.session_state[field] = current

    def pick() -> None:
        # What it held when it was drawn is told again by messages that were on their way, and is no choice.
        if (name := st.session_state.get(field)) not in (None, current):
            on_pick(name)

    choose = guarded(pick, "samples")
    st.selectbox(
        "Sample", names, key=field, placeholder="Choose a sample", on_change=choose,
        label_visibility="collapsed",
    )  # fmt: skip


def _cards(
    state: AppState,
    here: GalleryState,
    shown: Sequence[ImageRecord],
    at: tuple[str, str],
    on_pick: Callable[[str], None],
    spans_for: Spans | None,
    note_for: Callable[[ImageRecord], str] | None,
) -> None:
    assert state.dataset is not None
    key, place = at
    root = state.dataset.root
    spans = [spans_for(record.text) if spans_for else [] for record in shown]
    if None in spans:
        st.caption("The pattern is too slow to mark its hits in all of these captions.")
    note = note_for or (lambda record: "")
    marks = Marks()
    with error_boundary():
        marks = marks_of(state.dataset)
    cards = [
        Card(
            record.name,
            thumbnail_url(Picture(root, record.name)),
            alt_text(record.name, record.text),
            parts(record.text, hits or []),
            note(record),
            marks.ratings.get(record.name, 0),
            record.name in marks.left_out,
        )
        for record, hits in zip(shown, spans, strict=True)
    ]
    names = frozenset(record.name for record in shown)

    def tick(ticked: set[str]) -> None:
        here.ticked -= names
        here.ticked |= names & ticked

    sample_grid(
        cards,
        place=place,
        ticked=names & here.ticked,
        current=current_name(state) if here.is_open else "",
        key=key,
        on_pick=guarded(on_pick, "samples"),
        on_tick=guarded(tick, "samples", is_action=False),
    )


def open_sample(state: AppState, here: GalleryState, name: str) -> None:
    """Show a sample in the side panel; the Tagging page will be at the same one.

    Raises InvalidInput for one that is gone, in whose place another one would open.
    """
    record_of(state, name)
    visit(state, name)
    here.is_open = True


def _tick(here: GalleryState, names: frozenset[str]) -> None:
    here.ticked |= names
    here.revision += 1


def _untick(here: GalleryState) -> None:
    here.ticked.clear()
    here.revision += 1


def _leave_out(state: AppState, here: GalleryState) -> None:
    leave_images_out(state, sorted(here.ticked))
    _untick(here)


def _use(state: AppState, here: GalleryState) -> None:
    if here.ticked:
        set_scope(state, Scope(names=frozenset(here.ticked)))
    _untick(here)


def thumbnail_url(picture: Picture) -> str:
    """A thumbnail as a data URL, "" where the image cannot be opened."""
    try:
        return data_url(thumbnail(picture, _THUMB_SIDE, settings().thumbnails, settings().thumbnail_cache_mb))
    except ImageRefused:
        return ""


def parts(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[bool, str]]:
    """A text as (is a hit, piece); of a long one what stands round its first hit."""
    first = max(0, spans[0][0] - _AROUND_HIT) if spans and spans[0][1] > _SHOWN else 0
    last = min(len(text), first + _SHOWN)
    pieces: list[tuple[bool, str]] = [(False, "…")] if first else []
    at = first
    for start, end in spans:
        if start >= last:
            break
        pieces += (False, text[at:start]), (True, text[start : min(end, last)])
        at = min(end, last)
    pieces += [(False, text[at:last])] + [(False, "…")] * (last < len(text))
    return [piece for piece in pieces if piece[1]]
