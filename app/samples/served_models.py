"""Which model of a server of one's own: it is asked what it serves as soon as its address is there."""

from __future__ import annotations

import functools
import hashlib

import streamlit as st
from pydantic import SecretStr

from app.elements.watcher import watch_if_active
from app.samples.model_field import remember
from app.samples.provider_choice import sender_of
from app.session.jobs import SOON, JobKey, find, start, start_anew
from app.session.messages import guarded, show_error
from app.session.open_dataset import preferences
from app.session.state import AppState
from lib.jobs.runner import Job, Work
from lib.providers import registry

SERVED = "generate.served_model"
_MEANT = "generate.key_meant_for"
"""A digest of the key that was typed last, and the address that it was typed for."""
_TAKEN = "generate.listed_by"
"""The job whose list the field has been filled from."""


def served_field(state: AppState, address: str, key: SecretStr | None) -> None:
    """The dropdown of what the server at that address serves, with a button that asks it again."""
    kept = preferences(state)
    last = kept.choice("served_model", "")
    job = _asked(state, address, key if _is_meant_for(address, key) else None) if address else None
    listed = job.result if job is not None and isinstance(job.result, list) else [last] if last else []
    if job is not None and isinstance(job.result, list) and st.session_state.get(_TAKEN) != job.id:
        # Once for each list: an id that was typed by hand afterwards stays.
        st.session_state[_TAKEN] = job.id
        if (st.session_state.get(SERVED) or last) not in listed:
            st.session_state[SERVED] = listed[0] if listed else None
    typed = st.session_state.get(SERVED)
    if typed and typed not in listed:
        listed = [*listed, typed]
    # In a row that breaks: in columns a narrow window would cut the button's words off.
    place = st.container(horizontal=True, vertical_alignment="bottom", key="generate-served")
    again = guarded(functools.partial(_ask_again, state, address, key), "models")
    served = place.selectbox(
        "Served model",
        listed,
        index=listed.index(last) if last in listed else None,
        key=SERVED,
        accept_new_options=True,
        placeholder="Type the address first" if not address else "Choose one, or type an id",
        persist_state="session",
    )
    place.button("List models", key="generate.list", on_click=again, disabled=not address)
    if served:
        remember(kept, "served_model", served, "")
    if job is not None and job.error is not None:
        show_error(job.error)
    if job is not None and job.is_active:
        st.caption("Asking the server what it serves …")
    watch_if_active(job, every=0.4)


def _is_meant_for(address: str, key: SecretStr | None) -> bool:
    """Whether a key was typed for this address: unasked it goes to no other, such as one with a slip in it."""
    typed = _digest(key)
    known, place = st.session_state.get(_MEANT, ("", ""))
    if known != typed:
        st.session_state[_MEANT] = typed, address
        return True
    return bool(place == address)


def mean_for(address: str, key: SecretStr | None) -> None:
    """From now on a key goes to this address alone without being sent there by a click."""
    st.session_state[_MEANT] = _digest(key), address


def _asked(state: AppState, address: str, key: SecretStr | None) -> Job:
    job_key = _key(state, address, key)
    return find(job_key) or start(job_key, "Asking what is served", _work(state, address, key), wait=SOON)


def _ask_again(state: AppState, address: str, key: SecretStr | None) -> None:
    mean_for(address, key)
    start_anew(_key(state, address, key), "Asking what is served", _work(state, address, key))


def _key(state: AppState, address: str, key: SecretStr | None) -> JobKey:
    # By the key, too: a server may refuse one and answer another.
    return JobKey("list served models", state.owner, address, _digest(key), unasked=True)


def _digest(key: SecretStr | None) -> str:
    return hashlib.sha256((key.get_secret_value() if key else "").encode()).hexdigest()[:16]


def _work(state: AppState, address: str, key: SecretStr | None) -> Work:
    http = sender_of(state)
    return lambda job: registry.list_served_models(address, key, http=http)
