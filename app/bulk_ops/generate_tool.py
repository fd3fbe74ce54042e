"""Having the captions of many images written: the model, what to do with what is there, a try, and the run."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from app.bulk_ops.trial_panel import cost_line, trial
from app.bulk_ops.try_out import TRIED, try_out
from app.samples.caption_runs import running_in, start_captions
from app.samples.model_field import model_field
from app.samples.provider_choice import Choice
from app.samples.provider_picker import model_settings, present_choice, present_model
from app.samples.scope import records_in_scope, take_scope
from app.samples.scope_bar import scope_note
from app.samples.wish_fields import present_wishes
from app.session.messages import guarded, notice, show_kept
from app.session.open_dataset import opened
from app.session.state import AppState
from lib.caption_runs import to_caption
from lib.domain import Existing, ImageRecord, ModelSpec
from lib.providers import registry
from lib.text import counted

_EXISTING: dict[Existing, str] = {
    "skip": "Skip the image",
    "overwrite": "Overwrite it",
    "prepend": "Put the new one before it",
    "append": "Put the new one after it",
}

_WAY = "bulk.existing"
_WORKERS = "bulk.workers"
_RPM = "bulk.rpm"


def bulk_generate(state: AppState, records: Sequence[ImageRecord]) -> None:
    """Show the model's settings beside the try and the run over the images of the scope."""
    settings_side, work_side = st.columns([1, 1.2], gap="large")
    with settings_side:
        model = model_field(state)
        model_settings(state, model)
    with work_side:
        existing = _existing()
        wanted = to_caption(records, existing)
        _pace_fields(model)
        _what_happens(len(wanted), records, existing)
        cost_line(state, present_model(), len(wanted), _pace(model))
        tagged = sum(record.is_tagged for record in records)
        agreed = existing != "overwrite" or not tagged or st.checkbox(_replaces(tagged), key="bulk.agreed")
        with st.container(horizontal=True):
            st.button(
                f"Try {TRIED} images",
                key="bulk.try",
                icon=":material/visibility:",
                on_click=guarded(functools.partial(_try, state), "generate"),
                disabled=not wanted,
            )
            st.button(
                f"Generate for {counted(len(wanted), 'image')}" if wanted else "Generate",
                key="bulk.generate",
                icon=":material/auto_awesome:",
                type="primary",
                on_click=guarded(functools.partial(_start, state), "generate"),
                disabled=not wanted or not agreed or running_in(state, opened(state)[0].root) is not None,
            )
        scope_note(state, records)
        if running_in(state, opened(state)[0].root) is not None:
            notice("info", "Captions are being written in this folder.", "How far it is stands at the left.")
        show_kept("generate")
        trial(state, existing, st.session_state["generate.style"])


def _existing() -> Existing:
    way: Existing = st.selectbox(
        "Where there is a caption already",
        list(_EXISTING),
        format_func=_EXISTING.__getitem__,
        key=_WAY,
        persist_state="session",
    )
    return way


def _pace_fields(model: ModelSpec) -> None:
    if registry.PROVIDERS[model.provider].runs_here:
        return
    left, right = st.columns(2, vertical_alignment="bottom")
    left.number_input("Images at a time", 1, 32, 4, key=_WORKERS, persist_state="session")
    right.number_input(
        "Requests a minute, at most",
        1,
        100_000,
        None,
        key=_RPM,
        placeholder="as usual",
        help="Empty: the service's usual pace. When it says that this is too much, all slow down together.",
        persist_state="session",
    )


def _pace(model: ModelSpec) -> tuple[int, int]:
    """Images at a time, and requests a minute."""
    if registry.PROVIDERS[model.provider].runs_here:
        return 1, 0
    return int(st.session_state.get(_WORKERS, 4)), int(st.session_state.get(_RPM) or 0)


def _replaces(count: int) -> str:
    return "Replace 1 caption" if count == 1 else f"Replace {count:,} captions"


def _what_happens(requests: int, records: Sequence[ImageRecord], existing: Existing) -> None:
    tagged = sum(record.is_tagged for record in records)
    more = ", and one more for each caption that misses a wish" if requests and present_wishes() else ""
    parts = [f"{requests:,} {'request' if requests == 1 else 'requests'} to the model{more}."]
    if tagged and existing == "skip":
        stay = "stays as it is" if tagged == 1 else "stay as they are"
        parts.append(f"{counted(tagged, 'image')} with a caption {stay}.")
    elif tagged and existing == "overwrite":
        parts.append(f"{_replaces(tagged)}? The history keeps what was there, and one undo brings all of it back.")
    elif tagged:
        parts.append(f"{counted(tagged, 'image')} with a caption: the new one comes beside it.")
    parts.append("Each caption is saved as soon as it is there.")
    st.caption(" ".join(parts))


def _chosen() -> Choice:
    # Read now, not when the button was drawn: the very click may have left a field.
    choice = present_choice()
    return replace(choice, brief=replace(choice.brief, existing=st.session_state[_WAY]))


def _start(state: AppState) -> None:
    choice = _chosen()
    start_captions(state, choice, _wanted(state, choice), *_pace(choice.model))


def _wanted(state: AppState, choice: Choice) -> list[ImageRecord]:
    take_scope(state)
    return to_caption(records_in_scope(state), choice.brief.existing)


def _try(state: AppState) -> None:
    choice = _chosen()
    try_out(state, choice, _wanted(state, choice))
