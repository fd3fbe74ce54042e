"""What is to be known of a history whose file was damaged: from when on undo is missing, and where the file lies."""

from __future__ import annotations

from app.history.undo_redo import journal_of
from app.samples.history_words import exact_time, zone
from app.session.messages import notice
from app.session.state import AppState
from lib.dataset.journal.damage import damage_told


def damage_note(state: AppState) -> None:
    """Show a notice for each time that the history of the open folder was damaged."""
    here = zone()
    for damage in journal_of(state).damages():
        message, hint = damage_told(damage, lambda at: exact_time(at, here))
        notice("warning", message, hint, "The history has a gap" if damage.since is not None else "")
