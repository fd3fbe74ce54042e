"""What the services serve just now, beside the models of the file: asked unasked, and told in a quiet line."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping

import streamlit as st
from pydantic import SecretStr

from app.elements.watcher import watch_if_active
from app.samples.provider_choice import sender_of
from app.session.jobs import JobKey, find, start
from app.session.messages import guarded, plain
from app.session.state import AppState
from lib.domain import ModelSpec
from lib.jobs.runner import Job
from lib.providers import registry
from lib.providers.live_lists import LiveList, LiveLists
from lib.settings import settings
from lib.text import counted

_AGAIN_S = 900
"""Seconds until a service that did not answer is asked once more."""


def kept_lists(keys: Mapping[str, SecretStr | None]) -> dict[str, LiveList]:
    """The last list of each service that is asked for one, by the key that it would be asked with."""
    live = LiveLists(settings())
    return {name: live.kept(name, keys.get(name)) for name, service in registry.PROVIDERS.items() if service.lists_live}


def live_line(state: AppState, model: ModelSpec, key: SecretStr | None) -> None:
    """Say how many models the service of a model lists; ask it in the background where that is not known of today.

    Nobody is asked without a key: who has none has not chosen the service.
    """
    provider, live = model.provider, LiveLists(settings())
    service = registry.PROVIDERS[provider]
    if not service.lists_live or not registry.key_to_send(model, key):
        return
    kept, job = live.kept(provider, key), find(_key(state, live, model, key))
    if job is None and not kept.is_fresh(time.time()):
        job = _ask(state, model, key)
    with st.container(horizontal=True, vertical_alignment="center"):
        if job is not None and job.is_active:
            st.caption(f"Asking {plain(service.label)} what it serves …")
        elif job is not None and isinstance(job.result, LiveList) and job.result.trouble:
            beside = "The list is an older one." if kept.at else "The models shown are those of the file."
            st.caption(f"{plain(service.label)} could not be asked what it serves. {beside}", help=job.result.trouble)
        else:
            gone = ", this one not among them" if kept.has(model) is False else ""
            st.caption(f"{plain(service.label)} lists {counted(len(kept.names), 'model')}{gone}.")
        st.button(
            "Ask again",
            key="generate.ask_again",
            type="tertiary",
            on_click=guarded(functools.partial(_ask, state, model, key, anew=True), "models"),
            disabled=job is not None and job.is_active,
        )
    watch_if_active(job, every=0.5)


def _key(state: AppState, live: LiveLists, model: ModelSpec, key: SecretStr | None) -> JobKey:
    # With the quarter of an hour in it, trouble is forgotten after one.
    detail = (live.name(model.provider, key), int(time.time() // _AGAIN_S))
    return JobKey("list models", state.owner, model.provider, detail, unasked=True)


def _ask(state: AppState, model: ModelSpec, key: SecretStr | None, *, anew: bool = False) -> Job:
    live, http = LiveLists(settings()), sender_of(state)
    job_key = _key(state, live, model, key)

    def work(job: Job) -> LiveList:
        return live.today(model.provider, key, http=http, anew=anew)

    return start(job_key, "Asking what is served", work)
