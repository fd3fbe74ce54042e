"""Trying a key: its service is asked in the background for what it lists, and says why not where it refuses."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable

from pydantic import SecretStr

from app.samples.model_field import field_text, present_address
from app.samples.provider_choice import sender_of
from app.session.jobs import SOON, JobKey, find, start_anew
from app.session.state import AppState
from lib.domain import ModelSpec
from lib.hub import Hub
from lib.jobs.runner import Job
from lib.providers import registry
from lib.providers.http import Http
from lib.text import counted


def tested(state: AppState, name: str, field: str) -> Job | None:
    """The test of the key that is held now; what was said of another one is of no use any more."""
    return find(test_key(state, name, field))


def untestable(state: AppState, name: str, field: str) -> str:
    """Why there is nothing to test, "" where there is."""
    if name == "hub":
        return "" if field_text(field) else "Give a token first."
    service = registry.PROVIDERS[name]
    if service.takes_base_url:
        return "" if present_address(state) else "Type the address of the server first, on the Tagging page."
    return "" if registry.key_to_send(some_model(name), _held(field)) else "Give a key first."


def start_test(state: AppState, name: str, field: str) -> None:
    """Ask the service. What is asked is a list: no caption is paid for."""
    work: Callable[[Job], str]
    if name == "hub":
        work = functools.partial(_ask_hub, Hub(SecretStr(field_text(field))))
    else:
        address = present_address(state) if registry.PROVIDERS[name].takes_base_url else ""
        work = functools.partial(_ask_service, some_model(name), address, _held(field), sender_of(state))
    start_anew(test_key(state, name, field), "Testing a key", work, wait=SOON)


def test_key(state: AppState, name: str, field: str) -> JobKey:
    """What the test of the held key is known by; the key cannot be read out of it."""
    address = present_address(state) if name == registry.TEMPLATE else ""
    digest = hashlib.sha256(f"{state.session}\0{field_text(field)}".encode()).hexdigest()[:16]
    return JobKey("test key", state.owner, address, (name, digest), unasked=True)


def some_model(name: str) -> ModelSpec:
    """Any model of a service, to speak to it by."""
    return next(model for model in registry.load_models().values() if model.provider == name)


def _held(field: str) -> SecretStr | None:
    text = field_text(field)
    return SecretStr(text) if text else None


def _ask_service(model: ModelSpec, address: str, key: SecretStr | None, http: Http, job: Job) -> str:
    names = registry.list_models(model, address, key, http=http)
    label = registry.PROVIDERS[model.provider].label
    return f"{label} answers, and lists {counted(len(names), 'model')}."


def _ask_hub(hub: Hub, job: Job) -> str:
    with hub.speaking("your account", "Nothing was changed."):
        name = str(hub.client(needs_token=True).whoami()["name"])
    return f"The Hugging Face Hub knows this token: it is {name}’s."
