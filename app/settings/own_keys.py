"""One's own keys: typed here or beside a model, held by this session alone, tried by a button, never shown again."""

from __future__ import annotations

import functools
import html
from dataclasses import dataclass

import streamlit as st
from pydantic import SecretStr

from app.samples.model_field import HUB_TOKEN, field_text, key_field, present_address
from app.samples.served_models import mean_for
from app.session.jobs import forget, key_of
from app.session.messages import guarded, notice, plain, show_error
from app.session.state import AppState
from app.settings.key_tests import some_model, start_test, tested, untestable
from lib.errors import InvalidInput
from lib.jobs.runner import Job
from lib.providers import registry


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key that a person may bring. `name`: its service; `field`: where the session holds it, for all pages."""

    name: str
    label: str
    field: str
    used_for: str


def own_keys() -> list[OwnKey]:
    services = [(name, kind) for name, kind in registry.PROVIDERS.items() if kind.key_name]
    keys = [OwnKey(name, kind.label, key_field(name), "captions") for name, kind in services]
    return [*keys, OwnKey("hub", "Hugging Face Hub", HUB_TOKEN, "pushes and private datasets")]


def keys_panel(state: AppState) -> None:
    """A row for each key, with what its test said below it."""
    st.subheader("Your keys", anchor=False)
    st.caption(
        "A key stays in this tab’s session: it is written nowhere, never shown again, and forgotten when the tab is"
        " closed or loaded anew."
    )
    for key in own_keys():
        with st.container(border=True, gap="xsmall", key=f"settings-key-{key.name}"):
            _row(state, key)


def _row(state: AppState, key: OwnKey) -> None:
    job, hindrance = tested(state, key.name, key.field), untestable(state, key.name, key.field)
    st.html(f"<div class='toolkit-name'>{key.label} <small>for {key.used_for}</small></div>")
    st.html(f"<div class='toolkit-reason'>{html.escape(_standing(state, key))}</div>")
    entry = f"settings.typed.{key.name}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.form(f"settings.form.{key.name}", border=False, width=408):
            inside = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
            inside.text_input(f"Key for {key.label}", type="password", key=entry, autocomplete="off", width=280)
            take = guarded(functools.partial(_take, state, key, entry), "settings")
            inside.form_submit_button("Use this key", key=f"settings.use.{key.name}", on_click=take)
        st.button(
            "Test",
            key=f"settings.test.{key.name}",
            help=hindrance or None,
            disabled=bool(hindrance) or (job is not None and job.is_active),
            on_click=guarded(functools.partial(start_test, state, key.name, key.field), "settings"),
        )
        st.button(
            "Forget",
            key=f"settings.forget.{key.name}",
            type="tertiary",
            disabled=not field_text(key.field),
            on_click=guarded(functools.partial(_forget, state, key), "settings"),
        )
    if job is not None:
        _outcome(key, job)


def _standing(state: AppState, key: OwnKey) -> str:
    if key.name == "hub":
        return "You have given a token." if field_text(key.field) else "You have given no token."
    kind = registry.PROVIDERS[key.name]
    address = present_address(state) if kind.takes_base_url else ""
    to = f" It goes to {address}." if address else ""
    if kind.takes_base_url and not address:
        to = " The address of the server is typed beside the model, on the Tagging page."
    if field_text(key.field):
        return f"You have given a key.{to}"
    if registry.has_server_key(some_model(key.name), address):
        return f"You have given none: this server’s own is used.{to}"
    return ("You have given none, and this server has none." if kind.needs_key else "You have given none.") + to


def _take(state: AppState, key: OwnKey, entry: str) -> None:
    typed = field_text(entry)
    st.session_state[entry] = ""
    if not typed:
        raise InvalidInput("No key was typed.", "Paste it into the box, then press Use this key.")
    st.session_state[key.field] = typed
    if key.name == registry.TEMPLATE and (address := present_address(state)):
        mean_for(address, SecretStr(typed))
    state.done(f"Your key for {key.label} is used from now on")


def _forget(state: AppState, key: OwnKey) -> None:
    st.session_state[key.field] = ""
    state.done(f"Your key for {key.label} is forgotten")


def _outcome(key: OwnKey, job: Job) -> None:
    if job.is_active:
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.caption(f"Asking {plain(key.label)} … {job.seconds:.0f} s")
            stop = guarded(functools.partial(forget, key_of(job)), "settings")
            st.button("Stop", key=f"settings.stop.{key.name}", type="tertiary", on_click=stop)
    elif job.error is not None:
        show_error(job.error)
    else:
        notice("info", str(job.result))
