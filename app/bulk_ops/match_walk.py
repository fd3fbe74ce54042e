"""The match that is looked at: its place among all, the image, and the tag with the match marked."""

from __future__ import annotations

import functools
import html

import streamlit as st

from app.bulk_ops.edits import Replace
from app.bulk_ops.matches import Match, look, replace_this
from app.bulk_ops.state import BulkState
from app.elements.viewer import viewer
from app.elements.watcher import watch
from app.samples.navigate import visit
from app.session.jobs import kept_here
from app.session.messages import guarded, notice, show_error, title_for
from app.session.open_dataset import opened
from app.session.pictures import display_jpeg
from app.session.state import AppState
from lib.bulk import Matches
from lib.errors import ImageRefused, ToolkitError
from lib.images import Picture
from lib.text import counted

_HEIGHT = "20rem"
"""Of the picture, so that the buttons beside it and the fields above stay in sight together."""

_AROUND = 600
"""Characters shown before and after the match."""


def match_walk(state: AppState, edit: Replace) -> None:
    """Show what came of Find; nothing while nothing was looked for."""
    job = kept_here(state.of(BulkState).found)
    if job is None:
        return
    if job.is_active:
        watch(job, every=0.3, show=lambda running: st.caption(f"Looking for matches … {running.seconds:.0f} s"))
    elif job.error is not None:
        show_error(job.error)
    elif isinstance(job.result, Matches):
        _found(state, job.result, edit)


def _found(state: AppState, matches: Matches, edit: Replace) -> None:
    try:
        match = look(state, matches)
    except ToolkitError as error:
        show_error(error)
        return
    if match is None:
        notice("info", "No tag in scope has it.")
    else:
        _walk(state, matches, match, edit)


def _walk(state: AppState, matches: Matches, match: Match, edit: Replace) -> None:
    with st.container(border=True, key="bulk-match"):
        picture, words = st.columns([2, 3], gap="medium")
        with picture:
            _picture(state, match)
        with words:
            files = counted(matches.files, "file")
            st.markdown(f"**Match {matches.number:,} of {matches.total:,} in {files}**")
            st.html(f"<div class='toolkit-name'>{html.escape(match.name)}</div>")
            st.html(f"<div class='toolkit-match'>{marked(match)}</div>")
            _buttons(state, matches, match, edit)


def _picture(state: AppState, match: Match) -> None:
    dataset, _ = opened(state)
    try:
        jpeg, _, _ = display_jpeg(Picture(dataset.root, match.name))
        viewer(jpeg, image_id=match.name, alt=match.name, key="bulk.viewer", height=_HEIGHT)
    except ImageRefused as error:
        reason = f"{title_for(error)}\n{error}"
        viewer(b"", image_id=match.name, alt=match.name, key="bulk.viewer", instead=reason, height=_HEIGHT)


def marked(match: Match) -> str:
    """A caption's text round the match as HTML, all that is foreign escaped, each match in a <mark>."""
    text = match.sidecar.text
    here = match.spans[match.hit]
    first, last = max(0, here[0] - _AROUND), min(len(text), here[1] + _AROUND)
    parts = ["…"] if first else []
    at = first
    for start, end in match.spans:
        if start < first or end > last:
            continue
        current = " class='here' aria-current='true'" if (start, end) == here else ""
        parts += html.escape(text[at:start]), f"<mark{current}>{html.escape(text[start:end])}</mark>"
        at = end
    parts += html.escape(text[at:last]), "…" if last < len(text) else ""
    return "".join(parts)


def _buttons(state: AppState, matches: Matches, match: Match, edit: Replace) -> None:
    with st.container(horizontal=True):
        for label, way, icon in (("Previous", -1, "chevron_left"), ("Next", 1, "chevron_right")):
            step = guarded(functools.partial(matches.step, way), "bulk")
            st.button(label, key=f"bulk.step.{way}", icon=f":material/{icon}:", on_click=step)
        one = guarded(functools.partial(_replace, state, matches, match), "bulk")
        # What was changed in the fields since the search asks for another search first.
        stale = edit.find != matches.find
        # Another match has another button, so that the second click of two never counts for a match nobody has seen.
        st.button("Replace this one", key=f"bulk.one.{match.id}", on_click=one, disabled=stale)
        if st.button("Open in Tagging", key="bulk.open", type="tertiary"):
            visit(state, match.name)
            st.switch_page("../pages/tagging.py")
    if stale:
        st.caption("Find or its switches have changed since: press Find again to see the new matches.")


def _replace(state: AppState, matches: Matches, match: Match) -> None:
    replace_this(state, matches, match, st.session_state["bulk.with"] or "")
