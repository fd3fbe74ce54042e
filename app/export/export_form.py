"""What to export and how: the format, what goes out and what does not, the button, and what came of it."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import streamlit as st

from app.export.export_options import export_options, plan_note, present_options, zip_switch
from app.export.export_outcome import export_outcome
from app.export.exports import latest_export, may_choose_folder, start_export
from app.export.push_form import push_form
from app.samples.empty_tag_files import empty_files_note
from app.session.double_clicks import one_click
from app.session.messages import error_boundary, guarded, show_kept
from app.session.open_dataset import is_table
from app.session.state import AppState
from lib.dataset.base import Dataset
from lib.domain import ImageRecord
from lib.exporting.registry import EXPORTERS
from lib.settings import settings

_FORMAT, _FOLDER = "export.format", "export.folder"

_HUB = "hub"
_ONLINE = "Online"
_CHOICES = {
    **{name: (format.label, format.readers) for name, format in EXPORTERS.items()},
    _HUB: ("Push to the Hugging Face Hub", "A dataset repository of yours, private unless you say otherwise."),
}
_OF_ROWS = (
    "Formats that want files called as the images are, and the Hub, are for folders: rows may be called anything."
)


def export_form(state: AppState, dataset: Dataset, records: Sequence[ImageRecord]) -> None:
    """Show the form. `records`: those in scope."""
    formats, plan = st.columns([6, 7], gap="large")
    with formats:
        choices = _choices(state)
        st.html(_headings(choices))
        if st.session_state.get(_FORMAT) not in choices:
            st.session_state.pop(_FORMAT, None)
        format = st.radio(
            "Format",
            choices,
            key=_FORMAT,
            format_func=lambda format: _CHOICES[format][0],
            captions=[_CHOICES[name][1] for name in choices],
            persist_state="session",
        )
        if is_table(state):
            st.caption(_OF_ROWS)
    with plan:
        if format == _HUB:
            push_form(state, dataset, records)
        else:
            _file_form(state, dataset, records, format)


def _choices(state: AppState) -> list[str]:
    """The formats that what is open can go out in."""
    if not is_table(state):
        return list(_CHOICES)
    return [name for name, exporter in EXPORTERS.items() if exporter.takes_rows]


def _headings(choices: Sequence[str]) -> str:
    """Headings above the first format of each group: one choice among all, which a glance finds its way through."""
    groups = [EXPORTERS[name].group if name in EXPORTERS else _ONLINE for name in choices]
    firsts = [place for place, group in enumerate(groups, 1) if group not in groups[: place - 1]]
    option = ".st-key-export-format [role=radiogroup] > :nth-child({})::before"
    rules = [f"{option.format(place)} {{ content: {groups[place - 1]!r}; }}" for place in firsts]
    return f"<style>{' '.join(rules)}</style>"


def _file_form(state: AppState, dataset: Dataset, records: Sequence[ImageRecord], format: str) -> None:
    with st.container(border=True):
        if EXPORTERS[format].is_folder:
            zip_switch(state)
        export_options(format)
        if may_choose_folder(state):
            st.text_input(
                "Folder on this server",
                key=_FOLDER,
                placeholder=f"your exports, kept for {settings().upload_days} days",
                help="Any that you may open; it is made where needed. What you put there is never removed.",
                persist_state="session",
            )
    with error_boundary():
        count = len(plan_note(state, dataset, records, format).records)
        job = latest_export(state)
        running = job is not None and job.is_active
        start = guarded(functools.partial(_start, state), "export")
        st.button("Export", key="export.start", type="primary", on_click=start, disabled=running or not count)
        show_kept("export")
    empty_files_note(state, dataset)
    export_outcome(state)


def _start(state: AppState) -> None:
    # Read now: the click itself may have been what ended the typing.
    format, folder = str(st.session_state[_FORMAT]), str(st.session_state.get(_FOLDER) or "").strip()
    asked = format, present_options(state, format), folder
    with one_click(state, asked) as first:
        if first:
            start_export(state, *asked)
