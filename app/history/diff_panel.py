"""What one operation changed: each file as before and after, a page at a time, and undo or redo of the whole."""

from __future__ import annotations

import functools
import html
from collections.abc import Sequence

import streamlit as st

from app.elements.pick_list import pick_list
from app.history.state import HistoryState
from app.history.text_diff import text_diff
from app.history.undo_redo import journal_of, undo_redo
from app.samples.history_words import MARKS, exact_time, model_labels, title_of, where, who, zone
from app.samples.pager import pager
from app.session.messages import guarded, notice
from app.session.state import AppState
from lib.dataset.journal.rows import ChangeEntry, MarkChange, OperationEntry

_A_PAGE = 50
_LISTED = 300


def diff_panel(state: AppState, chosen: OperationEntry | None, *, is_busy: bool) -> None:
    """Show an operation; nothing where none is chosen."""
    if chosen is None:
        return
    _head(state, chosen)
    pages = -(-chosen.files // _A_PAGE)
    with st.container(horizontal=True, vertical_alignment="center"):
        _undo_button(state, chosen, is_busy)
        # Each operation has pages of its own, so that another one begins with its first.
        page = pager(pages, key=f"history.files.{chosen.operation}") if pages > 1 else 1
    entries = journal_of(state).entries(chosen.operation, _A_PAGE, (page - 1) * _A_PAGE)
    marks = journal_of(state).marks.changes(chosen.operation) if "marked" in chosen.detail else []
    if entries or not marks:
        st.html("".join(_file(entry) for entry in entries) or "<p>No caption was changed by it.</p>")
    if marks:
        _marks(marks)


def _head(state: AppState, chosen: OperationEntry) -> None:
    title, mark = title_of(chosen, model_labels()), MARKS.get(chosen.state, "")
    facts = [where(chosen), exact_time(chosen.at, zone()), f"by {who(chosen.by, state.owner)}", mark]
    spans = "".join(f"<span>{html.escape(fact)}</span>" for fact in facts if fact)
    st.html(f"<div class='toolkit-name'>{html.escape(title)}</div><div class='toolkit-facts'>{spans}</div>")
    if chosen.state == "conflict":
        notice(
            "warning",
            "It was cut short and files were changed since, or a part of it is lost.",
            "What is known is shown here.",
        )
    elif chosen.kind == "rename":
        notice("info", "A new name is not undone here.", "Give the image its old name by renaming it again.")


def _undo_button(state: AppState, chosen: OperationEntry, is_busy: bool) -> None:
    if chosen.kind == "rename" or chosen.state not in ("done", "undone"):
        return
    back = chosen.state == "done"
    state.of(HistoryState).stands_for("turn", (chosen.operation, back))
    st.button(
        "Undo this" if back else "Redo this",
        key="history.turn",
        icon=":material/undo:" if back else ":material/redo:",
        on_click=guarded(functools.partial(undo_redo, state, "turn", chosen.operation, back=back), "history"),
        disabled=is_busy,
    )


def _file(entry: ChangeEntry) -> str:
    name = f"<div class='toolkit-file'>{html.escape(entry.path)}</div>"
    return name + text_diff(entry.before, entry.after)


def _marks(marks: Sequence[MarkChange]) -> None:
    """What was said of images, and what is said since."""
    rows = [("", one.name, f"{_said(one, one.before)} → {_said(one, one.after)}") for one in marks[:_LISTED]]
    pick_list(rows, label="Marks", key="history.marks", on_pick=lambda _: None, height="20rem")
    if len(marks) > _LISTED:
        st.caption(f"The first {_LISTED:,} of {len(marks):,} are listed.")


def _said(change: MarkChange, value: int) -> str:
    if change.mark == "left_out":
        return "left out" if value else "kept"
    return "★" * value or "no stars"
