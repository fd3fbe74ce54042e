"""Which model is to write captions, how to reach it, and what to ask it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import SecretStr

from lib import cache
from lib.captioning import Brief
from lib.domain import ModelSpec
from lib.providers import registry
from lib.providers.base import Captioner


@dataclass(frozen=True, slots=True)
class Choice:
    """What the provider picker holds: a model, how to reach it, and what to ask."""

    model: ModelSpec
    key: SecretStr | None
    base_url: str
    brief: Brief


def captioner_of(choice: Choice, rpm: int = 0) -> Callable[[], Captioner]:
    """Checked now where that is cheap; loaded in the job, once a server, where it is heavy."""
    if registry.PROVIDERS[choice.model.provider].runs_here:
        loader = cache.local_captioners()
        return lambda: loader.get(choice.model.id, lambda: registry.captioner(choice.model))
    captioner = registry.captioner(choice.model, key=choice.key, base_url=choice.base_url, rpm=rpm)
    return lambda: captioner
