"""Who wrote the caption that is shown: one quiet line, with the prompt where the pointer rests on it."""

from __future__ import annotations

import html
from datetime import datetime

import streamlit as st

from app.samples.editing import OpenImage
from app.samples.history_words import exact_time, time_ago, zone
from app.session.open_dataset import opened
from app.session.state import AppState
from lib.domain import Author, Origin
from lib.errors import DatabaseFailed

_LONGEST = 1000


def author_line(state: AppState, image: OpenImage) -> None:
    """Show the line; it is there, and blank, where there is no caption."""
    said, more = _of_draft(image.draft.origin) if image.draft is not None and image.draft.origin.model else ("", [])
    if not said and image.record.is_tagged:
        said, more = _of_saved(state, image)
    lines = html.escape("\n".join(more)[:_LONGEST])
    st.html(f"<div class='toolkit-author' title='{lines}'>{html.escape(said) or '&nbsp;'}</div>")


def _of_draft(origin: Origin) -> tuple[str, list[str]]:
    edited = "; edited by hand" if origin.edited else ""
    return f"{origin.model}, not saved yet{edited}", _asked(origin)


def _of_saved(state: AppState, image: OpenImage) -> tuple[str, list[str]]:
    try:
        author = opened(state)[1].journal.author(image.record)
    except DatabaseFailed:
        # It is told where the history is asked for; the text is there all the same.
        return "", []
    if author is None:
        return "Not written here", ["The history of this folder does not know who wrote this caption."]
    return said_of(author), _more(author)


def said_of(author: Author, now: datetime | None = None) -> str:
    """An author in words: "gemma-4-31b, 3 days ago; edited by hand since"."""
    ago = time_ago(author.at, now)
    edited = "; edited by hand since" if author.edited_at and author.by != "hand" else ""
    match author.by:
        case "hand":
            return f"Typed by hand, {ago}"
        case "import" if author.model:
            return f"{author.model}, as the imported file told, {ago}{edited}"
        case "import":
            return f"Imported, {ago}{edited}"
        case _:
            return f"{author.model}, {ago}{edited}"


def _more(author: Author) -> list[str]:
    here = zone()
    verb = {"model": "Written", "hand": "Typed", "import": "Imported"}[author.by]
    lines = [f"{verb} {exact_time(author.at, here)}"]
    if author.told_at:
        lines.append(f"Written {author.told_at}, as the file told")
    if author.edited_at and author.by != "hand":
        lines.append(f"Edited by hand {exact_time(author.edited_at, here)}")
    return lines + _asked(author)


def _asked(source: Author | Origin) -> list[str]:
    """The parameters and the prompt, the longest last."""
    params = ", ".join(f"{name}={value}" for name, value in source.params.items())
    return [part for part in (params, f"Prompt: {source.prompt}" if source.prompt else "") if part]
