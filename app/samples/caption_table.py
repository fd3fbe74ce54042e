"""Samples as a table whose captions are edited in place; all edits are saved as one operation with one undo."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from app.elements.pick_list import pick_list
from app.elements.watcher import watch
from app.samples.navigate import visit
from app.samples.sample_gallery import page_of
from app.samples.state import Galleries, TablePage, TableState
from app.samples.table_edits import (
    discard_all,
    from_elsewhere,
    keep_edits,
    load_page,
    save_all,
    told_undone,
    typed_here,
    undo_save,
    waiting,
)
from app.session.messages import guarded, notice, show_error, show_kept
from app.session.state import AppState
from lib.dataset.saving.operations import Applied
from lib.domain import ImageRecord
from lib.preferences import Draft
from lib.text import counted, writable

_LISTED = 200


Columns = Mapping[str, Callable[[ImageRecord], str]]


def caption_table(state: AppState, records: Sequence[ImageRecord], columns: Columns) -> None:
    """Show the samples, in their order. `columns`: what else is told of each sample, by its heading."""
    show_kept("samples")
    _outcome(state)
    if not records:
        st.caption("No sample is in this scope.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        shown, _ = page_of(records, "filter")
        page, key = _page(state, shown)
        drafts = waiting(state, records)
        elsewhere = from_elsewhere(state, page, drafts)
        ready = {name: draft for name, draft in drafts.items() if name not in elsewhere}
        save = guarded(functools.partial(_save, state, page, key, ready), "samples")
        label = f"Save all ({counted(len(ready), 'caption')})" if ready else "Save all"
        st.button(label, key="table.save", type="primary", on_click=save, disabled=not ready)
        if own := typed_here(state, page, drafts):
            drop = guarded(functools.partial(_discard, state, page, key, own), "samples")
            st.button(
                f"Undo typing ({counted(len(own), 'caption')})", key="table.discard", type="tertiary", on_click=drop
            )
        # Short beside the second button: in a line of its own it would move the table while somebody types.
        st.caption("Nothing is saved yet." if own else "A double click on a caption edits it.", width="content")
    _table(state, page, key, {title: [cell(record) for record in shown] for title, cell in columns.items()})
    if elsewhere:
        st.caption("Save all leaves these out: they were typed in another tab, or before this page was reloaded.")
        rows = [(name, name, "open it") for name in list(elsewhere)[:_LISTED]]
        pick_list(rows, label="Typed elsewhere", key="table.elsewhere", on_pick=_going(state), height="8rem")


def _page(state: AppState, shown: Sequence[ImageRecord]) -> tuple[TablePage, str]:
    """The page to show, and the key of its table."""
    table = state.of(TableState)
    is_fresh = table.page is None or _key(table, table.page) not in st.session_state
    page = load_page(state, shown, is_fresh=is_fresh)
    return page, _key(table, page)


def _key(table: TableState, page: TablePage) -> str:
    # The same in a session that begins while the tab stands, so that an edit under way goes on.
    return f"table.{page.id}.{table.again.get(page.id, 0)}"


def _table(state: AppState, page: TablePage, key: str, columns: Mapping[str, Sequence[str]]) -> None:
    import pandas as pd

    # What is typed while the files change would be typed over what they held before.
    saving = state.of(TableState).saved
    is_saving = saving is not None and saving.is_active
    take = guarded(functools.partial(_take, state, page, key), "samples")
    frame = pd.DataFrame({"Image": page.names, "Caption": page.texts, **columns})
    st.data_editor(
        frame,
        key=key,
        hide_index=True,
        disabled=True if is_saving else ["Image", *columns],
        column_config={
            "Image": st.column_config.TextColumn(width="medium"),
            "Caption": st.column_config.TextColumn(width="large"),
        },
        height=min(35 * (len(page.names) + 1) + 3, 640),
        on_change=take,
    )
    if _edited(key) != state.of(TableState).known(key):
        # Told to a session that did not know this table yet: the tab has outlived the one before.
        take()
        if state.of(TableState).page is None or _edited(key) == state.of(TableState).known(key):
            st.rerun()
    if page.locked:
        rows = [(name, name, "open it") for name in page.names if name in page.locked]
        st.caption("These tag files are not readable text, or belong to two images. A click shows the ways out.")
        pick_list(rows, label="Cannot be edited here", key="table.locked", on_pick=_going(state), height="8rem")


def _take(state: AppState, page: TablePage, key: str) -> None:
    """Keep what was typed. Buttons call it too: Streamlit may run their callbacks before that of the table."""
    if key not in st.session_state:
        return
    texts, kept = _edited(key), state.of(TableState)
    keep_edits(state, page, texts, kept.known(key))
    kept.kept = (key, texts)


def _edited(key: str) -> dict[int, str]:
    """What the browser tells of a table: every edit since it was drawn, each time."""
    changed: dict[Any, dict[str, Any]] = st.session_state[key]["edited_rows"]
    return {int(row): writable(str(cells["Caption"] or "")) for row, cells in changed.items() if "Caption" in cells}


def _save(state: AppState, page: TablePage, key: str, drawn: Mapping[str, Draft]) -> None:
    _take(state, page, key)
    save_all(state, page, drawn)


def _discard(state: AppState, page: TablePage, key: str, drawn: Mapping[str, Draft]) -> None:
    _take(state, page, key)
    discard_all(state, drawn)


def _outcome(state: AppState) -> None:
    table = state.of(TableState)
    job = table.saved
    if job is None:
        return
    if job.is_active:
        watch(job, every=0.3, show=lambda running: st.caption(f"{running.title} … {running.seconds:.0f} s"))
        return
    if table.told is not job:
        # The files are other ones now than those that the page was read from.
        table.told = job
        table.begin_afresh()
        if isinstance(job.result, Applied) and job.result.operation is not None:
            undo = functools.partial(undo_save, state, job.result.operation)
            saved = f"{counted(job.result.changed, 'caption').capitalize()} saved, as one operation."
            state.done_with_undo(saved, undo, functools.partial(told_undone, state))
    if job.error is not None:
        show_error(job.error)
    elif isinstance(job.result, Applied) and job.result.left_alone:
        _left_alone(state, job.result.left_alone)


def _left_alone(state: AppState, left_alone: Sequence[tuple[str, str]]) -> None:
    were = "was" if len(left_alone) == 1 else "were"
    left = f"{counted(len(left_alone), 'caption')} {were} left alone. What you typed is kept."
    notice("warning", left, "A click shows what the file holds now beside it.")
    rows = [(name, name, reason) for name, reason in left_alone[:_LISTED]]
    pick_list(rows, label="Left alone", key="table.left_alone", on_pick=_going(state), height="10rem")


def _going(state: AppState) -> Any:
    def go(name: str) -> None:
        visit(state, name)
        state.of(Galleries).at("filter").is_open = True
        st.session_state["filter.view"] = "Gallery"

    return guarded(go, "samples")
