"""Which model is to write captions, how to reach it, and what to ask it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import SecretStr

from app.session.owner import LOCAL
from app.session.state import AppState
from lib import cache
from lib.captioning import Brief
from lib.domain import ModelSpec
from lib.providers import registry
from lib.providers.base import Captioner
from lib.providers.http import Http
from lib.settings import settings


@dataclass(frozen=True, slots=True)
class Choice:
    """What the provider picker holds: a model, how to reach it, and what to ask."""

    model: ModelSpec
    key: SecretStr | None
    base_url: str
    brief: Brief


def sender_of(state: AppState) -> Http:
    """What sends requests for an owner: to services on the server itself only for who sits at it."""
    return Http.of(settings(), at_this_machine=state.owner == LOCAL)


def captioner_of(state: AppState, choice: Choice, rpm: int = 0) -> Callable[[], Captioner]:
    """Checked now where that is cheap; loaded in the job, once a server, where it is heavy."""
    if registry.PROVIDERS[choice.model.provider].runs_here:
        loader = cache.local_captioners()
        return lambda: loader.get(choice.model.id, lambda: registry.captioner(choice.model))
    captioner = registry.captioner(
        choice.model, key=choice.key, base_url=choice.base_url, http=sender_of(state), rpm=rpm
    )
    return lambda: captioner
