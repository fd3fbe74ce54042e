"""The dropdown of models, and what a form's fields hold just now."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import streamlit as st
from pydantic import SecretStr

from app.samples.generation import drop_failure
from app.samples.live_models import kept_lists
from app.session.messages import guarded, show_error
from app.session.open_dataset import preferences
from app.session.state import AppState
from lib.domain import ModelSpec
from lib.errors import ToolkitError, UnknownModel
from lib.preferences import Preferences
from lib.providers import registry
from lib.providers.live_lists import LiveList, choices
from lib.settings import settings

MODEL = "generate.model"
BASE_URL = "generate.base_url"
HUB_TOKEN = "hub.token"


def key_field(provider: str) -> str:
    """The name of the field that holds a service's key."""
    return f"generate.key.{provider}"


def typed_key(provider: str) -> SecretStr | None:
    """The key that was typed for a service."""
    text = field_text(key_field(provider))
    return SecretStr(text) if text else None


def present_address(state: AppState) -> str:
    """The address of one's own server, as it is typed or was chosen last."""
    return field_text(BASE_URL) or str(preferences(state).choice("base_url", settings().openai_base_url))


def field_text(key: str) -> str:
    """What a field holds, trimmed."""
    return str(st.session_state.get(key) or "").strip()


def remember(kept: Preferences, name: str, value: str, usual: str) -> None:
    """Keep a choice between visits once it was made. Until then the usual may change with the server's settings."""
    if value != kept.choice(name, usual):
        kept.choose(name, value)


def model_in_words(state: AppState) -> str:
    """The model that the dropdown holds, or will hold once it is drawn, with its service."""
    last = st.session_state.get(MODEL) or preferences(state).choice("model", registry.default_model(settings()).id)
    models = registry.load_models()
    model = models.get(last) or _found(last, models)
    if model is None:
        return str(last)
    return f"{model.label} · {registry.PROVIDERS[model.provider].label}"


def model_field(state: AppState) -> ModelSpec:
    """The dropdown of models, each with its hosting service beside it: the file's, and what the services list."""
    kept, models = preferences(state), registry.load_models()
    usual = registry.default_model(settings()).id
    lists = kept_lists({name: typed_key(name) for name in registry.PROVIDERS})
    offered, last = choices(models, lists), st.session_state.get(MODEL) or kept.choice("model", usual)
    if last not in offered and (typed := _found(last, models)) is not None:
        # Typed by hand, or listed once and no more.
        offered[typed.id] = typed
    ids = list(offered)
    chosen = st.selectbox(
        "Model",
        ids,
        index=ids.index(last) if last in ids else ids.index(usual),
        format_func=lambda id_: _label(offered, lists, id_),
        key=MODEL,
        on_change=guarded(functools.partial(drop_failure, state), "generate"),
        accept_new_options=True,
        persist_state="session",
    )
    model = offered.get(chosen) or _found(chosen, models)
    if model is None:
        show_error(_unknown(chosen))
        return models[usual]
    remember(kept, "model", model.id, usual)
    return model


def _label(offered: Mapping[str, ModelSpec], lists: Mapping[str, LiveList], id: str) -> str:
    model = offered.get(id)
    if model is None:
        return id
    live = lists.get(model.provider)
    # Before the service's name, because a narrow list cuts off what stands last.
    gone = " (gone)" if live is not None and live.has(model) is False else ""
    return f"{model.label}{gone}  ·  {registry.PROVIDERS[model.provider].label}"


def _found(name: str, models: Mapping[str, ModelSpec]) -> ModelSpec | None:
    try:
        return registry.find_model(name, models)
    except UnknownModel:
        return None


def _unknown(name: str) -> ToolkitError:
    return UnknownModel(
        f"There is no model “{name}”.", "Choose one of the list, or type nim:owner/model or huggingface:owner/model."
    )
