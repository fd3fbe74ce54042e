"""The operations of a folder, the newest first, a page at a time; one of them is chosen."""

from __future__ import annotations

import streamlit as st

from app.elements.history_list import HistoryRow, history_list
from app.history.state import HistoryState
from app.history.undo_redo import journal_of
from app.samples.history_words import MARKS, exact_time, model_labels, time_ago, title_of, where, who, zone
from app.samples.pager import pager
from app.session.messages import guarded
from app.session.state import AppState
from lib.dataset.journal.pages import OperationFilter
from lib.dataset.journal.rows import OperationEntry

_A_PAGE = 50


def operations_list(state: AppState, wanted: OperationFilter) -> OperationEntry | None:
    """Show a page of operations; gives the chosen one, the newest of the page while none is chosen."""
    journal = journal_of(state)
    count = journal.count(wanted)
    if not count:
        narrowed = wanted.many or wanted.paths is not None
        st.caption("Nothing in the history fits." if narrowed else "Nothing was done to these captions yet.")
        return None
    st.markdown(f"**{count:,} {'operation' if count == 1 else 'operations'}**")
    # Drawn below the list, yet its value is needed above.
    listed, turned = st.container(), st.container()
    pages = -(-count // _A_PAGE)
    with turned:
        page = pager(pages, key="history.page", persist_state="session") if pages > 1 else 1
    entries = journal.operations(_A_PAGE, (page - 1) * _A_PAGE, wanted)
    number = state.of(HistoryState).chosen
    chosen = (journal.operation(number) if number is not None else None) or next(iter(entries), None)
    with listed:
        _draw(state, entries, chosen)
    return chosen


def _draw(state: AppState, entries: list[OperationEntry], chosen: OperationEntry | None) -> None:
    labels, here = model_labels(), zone()
    rows = [
        HistoryRow(
            entry.operation,
            title_of(entry, labels),
            MARKS.get(entry.state, ""),
            where(entry),
            f"{time_ago(entry.at)} · {who(entry.by, state.owner)}",
            exact_time(entry.at, here),
        )
        for entry in entries
    ]

    def choose(operation: int) -> None:
        state.of(HistoryState).chosen = operation

    selected = chosen.operation if chosen else None
    history_list(rows, selected=selected, key="history.list", on_pick=guarded(choose, "history"))
