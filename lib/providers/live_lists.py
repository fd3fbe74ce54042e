"""What services serve just now, asked at most once a day and kept: ids in a file age within weeks."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from lib.domain import ModelSpec
from lib.errors import InvalidInput, ProviderError, WriteFailed
from lib.files import write_atomic
from lib.private import private_folder
from lib.providers import registry
from lib.providers.http import Http
from lib.settings import Settings

KEPT_S = 24 * 3600.0
"""How long a list counts as today's."""

_MOST = 5_000


@dataclass(frozen=True, slots=True)
class LiveList:
    """What a service has listed. `at`: when (seconds since 1970), 0.0 for never; `trouble`: why not anew."""

    provider: str
    names: tuple[str, ...] = ()
    at: float = 0.0
    trouble: str = ""

    def is_fresh(self, now: float) -> bool:
        return 0 <= now - self.at < KEPT_S

    def has(self, model: ModelSpec) -> bool | None:
        """Whether a model of the file is listed; None where no list was ever read or it is of another service."""
        if not self.at or model.provider != self.provider:
            return None
        return registry.PROVIDERS[self.provider].listed_as(model) in self.names


@dataclass(frozen=True, slots=True)
class LiveLists:
    """The lists that are kept in TOOLKIT_HOME, one for each service, address and key. No key is written down."""

    settings: Settings
    clock: Callable[[], float] = time.time

    def kept(self, provider: str, key: SecretStr | None = None) -> LiveList:
        """What was listed last, however long ago. Reads the disk only."""
        with suppress(OSError, ValueError, TypeError, KeyError):
            found = json.loads(self._file(provider, key).read_text(encoding="utf-8"))
            return LiveList(provider, tuple(str(name) for name in found["names"][:_MOST]), float(found["at"]))
        return LiveList(provider)

    def today(
        self, provider: str, key: SecretStr | None = None, *, http: Http | None = None, anew: bool = False
    ) -> LiveList:
        """What is served, asked for where the last answer is older than a day or `anew`.

        Never raises for a service that does not answer: then it is the last list, with the trouble beside it.
        """
        kept = self.kept(provider, key)
        if kept.is_fresh(self.clock()) and not anew:
            return kept
        try:
            names = registry.list_models(_some_model(provider), key=key, settings=self.settings, http=http)
        except (ProviderError, InvalidInput) as error:
            return LiveList(provider, kept.names, kept.at, str(error))
        found = LiveList(provider, tuple(names[:_MOST]), self.clock())
        with suppress(WriteFailed, OSError):
            # A list that cannot be kept is still a list.
            file = self._file(provider, key)
            private_folder(file.parent)
            write_atomic(file, json.dumps({"at": found.at, "names": found.names}).encode(), mode=0o600)
        return found

    def name(self, provider: str, key: SecretStr | None = None) -> str:
        """What tells the lists of services, addresses and keys apart, and gives none of them away."""
        sent = registry.key_to_send(_some_model(provider), key, self.settings)
        secret = sent.get_secret_value() if sent else ""
        addresses = json.dumps(self.settings.base_urls, sort_keys=True)
        return hashlib.sha256(f"{provider}\0{addresses}\0{secret}".encode()).hexdigest()[:40]

    def _file(self, provider: str, key: SecretStr | None) -> Path:
        return self.settings.home / "cache" / "model-lists" / f"{self.name(provider, key)}.json"


def _some_model(provider: str) -> ModelSpec:
    return registry.unlisted_model(provider, "any")


def choices(models: Mapping[str, ModelSpec], lists: Mapping[str, LiveList]) -> dict[str, ModelSpec]:
    """The models to choose from, by id: those of the file, and behind each service's what else it lists."""
    found: dict[str, ModelSpec] = {}
    entries = list(models.values())
    for place, model in enumerate(entries):
        found[model.id] = model
        is_last = all(later.provider != model.provider for later in entries[place + 1 :])
        live = lists.get(model.provider)
        if live is None or not is_last:
            continue
        for other in registry.unlisted_models(model.provider, live.names, models):
            found.setdefault(other.id, other)
    return found
