"""What this server holds, for administrators: which keys are set, memory, models, folders, and caches to be cleared."""

from __future__ import annotations

import functools
import html
from collections.abc import Sequence

import streamlit as st

from app.elements.watcher import watch_if_active
from app.session.messages import plain, show_error
from app.session.state import AppState
from app.settings.administrator import admin_action
from app.settings.state import SettingsState
from app.settings.survey import Survey, clear_kept, look_again, survey_of
from lib import memory
from lib.caches import ClearableCache, kept_things
from lib.errors import ToolkitError
from lib.models_here import ModelHere
from lib.providers import registry
from lib.settings import Settings, origin_of, settings, variable_of


def server_panel(state: AppState) -> None:
    st.subheader("Keys of this server", anchor=False)
    _table(["Key", "Service", "Is it set?", "From"], _keys())
    job = survey_of(state)
    if job.is_active:
        st.caption(f"Looking at models, folders and caches … {job.seconds:.0f} s")
    elif isinstance(job.result, Survey):
        _found(state, job.result)
    else:
        show_error(job.error or ToolkitError("This server could not be looked at.", "Try it once more."))
    again = admin_action(functools.partial(look_again, state))
    st.button("Look again", key="settings.look_again", disabled=job.is_active, on_click=again)
    watch_if_active(job, every=0.5)


def _keys() -> list[list[str]]:
    rows = []
    for kind in registry.PROVIDERS.values():
        if kind.key_name:
            is_set = bool(settings().key_for(kind.key_name).get_secret_value())
            origin = _key_origin(kind.key_name) if is_set else ""
            rows.append([kind.key_name, kind.label, "set" if is_set else "not set", origin])
    return rows


def _key_origin(name: str) -> str:
    """Streamlit puts what stands in its secrets into the environment, too."""
    if st.secrets.load_if_toml_exists() and name in st.secrets:
        return "the secrets file"
    field = next(field for field in Settings.model_fields if variable_of(field) == name)
    origin = origin_of(field)
    return f"the {origin}" if origin == "environment" else origin


def _found(state: AppState, survey: Survey) -> None:
    st.subheader("Models on this machine", anchor=False)
    used, allowed = (size_in_words(size) for size in (memory.in_use(), memory.allowed()))
    st.caption(f"This server uses {used} of the {allowed} of memory that it may take.")
    _table(["Model", "For", "On disk", "In memory", "Now"], [_model(model) for model in survey.models])
    st.subheader("Folders that visitors may open", anchor=False)
    if survey.folders:
        rows = [[str(root), "" if is_there else "not there"] for root, is_there in survey.folders]
        _table(["Folder", ""], rows)
    else:
        st.caption("None is set (TOOLKIT_ROOTS): who sits at this machine opens the home folder, visitors nothing.")
    st.subheader("Caches", anchor=False)
    st.caption("They only save time. Clearing one loses no caption, no history and no upload, also while work goes on.")
    for kept in kept_things(settings()):
        _cache(state, kept, survey.sizes.get(kept.name, 0))
    _cleared(state)


def _model(model: ModelHere) -> list[str]:
    disk = "not here" if model.disk is None else size_in_words(model.disk)
    needs = f"about {size_in_words(model.memory)}" if model.memory else ""
    return [model.label, model.used_for, disk, needs, "loaded" if model.is_loaded else "not loaded"]


def _cache(state: AppState, kept: ClearableCache, size: int) -> None:
    room = state.of(SettingsState)
    with st.container(border=True, gap="xsmall", key=f"settings-cache-{kept.name}"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.html(f"<div class='toolkit-name'>{kept.label} <small>{size_in_words(size)}</small></div>")
            ask = admin_action(functools.partial(setattr, room, "asked", kept.name))
            clear = f"settings.clear.{kept.name}"
            st.button("Clear …", key=clear, on_click=ask, disabled=not size or room.asked == kept.name)
        if room.asked != kept.name:
            return
        st.text(f"Clear {size_in_words(size)}? {kept.cost}")
        with st.container(horizontal=True):
            do_it = admin_action(functools.partial(clear_kept, state, kept.name))
            st.button("Clear it", key=f"settings.clear_it.{kept.name}", type="primary", on_click=do_it)
            leave = admin_action(functools.partial(setattr, room, "asked", ""))
            st.button("Keep it", key=f"settings.keep_it.{kept.name}", on_click=leave)


def _cleared(state: AppState) -> None:
    """What a clearing has come to; once it has ended, the sizes are looked at again."""
    room = state.of(SettingsState)
    job = room.clearing
    if job is None:
        return
    if job.is_active:
        st.caption(f"{plain(job.title)} … {job.seconds:.0f} s")
        watch_if_active(job, every=0.5)
        return
    room.clearing = None
    if job.error is not None:
        state.errors["settings"] = job.error
    else:
        state.done(f"{job.title.removeprefix('Clearing ').capitalize()} cleared")
    look_again(state)
    st.rerun()


def size_in_words(size: int) -> str:
    """Bytes as people say them: "312 MB"."""
    for unit, bytes_of in (("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000)):
        if size >= bytes_of:
            return f"{size / bytes_of:,.1f} {unit}" if unit == "GB" else f"{size / bytes_of:,.0f} {unit}"
    return f"{size} bytes" if size else "nothing"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    head = "".join(f"<th scope='col'>{html.escape(text)}</th>" for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    st.html(f"<table class='toolkit-table'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
