"""What the latest undo or redo came to: how many files, which were left alone and why, and whose drafts wait."""

from __future__ import annotations

import functools

import streamlit as st

from app.elements.pick_list import pick_list
from app.elements.watcher import going_on, watch
from app.history.undo_redo import UndoRedo, drafts_upon, forget_undo_redo, latest_undo_redo, rescan_after_undo
from app.samples.history_words import model_labels, moved, title_of
from app.session.messages import guarded, notice, show_error
from app.session.state import AppState
from lib.text import counted

_LISTED = 300

_BACK = ("was given back what it held before", "were given back what they held before")
_AGAIN = ("holds the change again", "hold the change again")


def is_under_way(state: AppState) -> bool:
    """True while an undo or a redo of the open folder is under way."""
    job = latest_undo_redo(state)
    return job is not None and job.is_active


def undo_panel(state: AppState, *, is_busy: bool) -> None:
    """Show the latest undo or redo; nothing where there was none, or it was dismissed.

    `is_busy`: it went on when the buttons were drawn. They are drawn anew once it has ended, however soon that was.
    """
    job = latest_undo_redo(state)
    if job is None:
        return
    if is_busy or job.is_active:
        watch(job, every=0.3, show=going_on)
        return
    if job.error is not None:
        show_error(job.error)
    elif isinstance(job.result, UndoRedo):
        rescan_after_undo(state, job)
        _outcome(state, job.result)
    let_go = guarded(functools.partial(forget_undo_redo, state), "history")
    st.button("Dismiss", key="history.dismiss", on_click=let_go, type="tertiary")


def _outcome(state: AppState, done: UndoRedo) -> None:
    left = done.restored.left_alone
    count = done.restored.restored
    one, many = _BACK if done.back else _AGAIN
    sentence = f"1 file {one}." if count == 1 else f"{count:,} files {many}."
    if marked := done.restored.marked:
        marks = f"The marks of {counted(marked, 'image')} are {'as before' if done.back else 'set again'}."
        sentence = f"{marks} {sentence if count else ''}"
    if images := done.restored.images:
        sentence = f"{moved(images, back=done.back, aside=done.entry.kind != 'import')} {sentence if count else ''}"
    hint = f"{len(left):,} left alone, each for the reason beside it:" if left else ""
    title = f"{'Undone' if done.back else 'Done again'}: {title_of(done.entry, model_labels())}"
    notice("warning" if left else "info", sentence, hint, title)
    if left:
        rows = [("", path, reason) for path, reason in left[:_LISTED]]
        pick_list(rows, label="Left alone", key="history.left_alone", on_pick=lambda _: None, height="12rem")
        if len(left) > _LISTED:
            st.caption(f"The first {_LISTED:,} of {len(left):,} are listed.")
    if drafts := drafts_upon(state, done.restored):
        notice(
            "warning",
            f"You have text that is not saved for {_some(drafts)}.",
            "It is kept. The Tagging page shows it beside what the file holds now, and you choose.",
        )


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3:,} more"
