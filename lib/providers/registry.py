"""Which models and services there are, and how to get a ready captioner for one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr

from lib.domain import ModelSpec
from lib.errors import HostRefused, InvalidInput, KeyMissing, UnknownModel
from lib.providers.base import Captioner, CaptionService, Connection, Provider
from lib.providers.http import Http, as_reachable, parse
from lib.providers.model_file import read_models, usual_entry
from lib.providers.model_lists import fetch_listed
from lib.registry import Registry
from lib.settings import Settings
from lib.settings import settings as current_settings

TEMPLATE = "openai-compatible"
"""The entry of models.toml whose target a server's own list fills in."""


PROVIDERS = Registry[CaptionService](
    {
        "nim": "lib.providers.nim:Nim",
        "huggingface": "lib.providers.huggingface:HuggingFace",
        "openai-compatible": "lib.providers.openai_compatible:OpenAiCompatible",
        "local": "lib.providers.local:LocalCaptioner",
    },
    unknown="There is no service “{name}”.",
    known="Known: {names}.",
)


def load_models(extra: Path | None = None) -> dict[str, ModelSpec]:
    """All models by id: those that come with the toolkit, and the user's own from `extra`.

    `extra` is models.toml in TOOLKIT_HOME unless given; it may be absent. Raises InvalidInput that names the file and
    the entry where it cannot be used.
    """
    return read_models(current_settings().home / "models.toml" if extra is None else extra, PROVIDERS, TEMPLATE)


def find_model(name: str, models: Mapping[str, ModelSpec] | None = None) -> ModelSpec:
    """The model of that id or label, in any case; `<service>:<id>` names one that a service or a server lists.

    Raises UnknownModel with the legal values.
    """
    known = load_models() if models is None else models
    wanted = name.strip().casefold()
    for model in known.values():
        if wanted in (model.id.casefold(), model.label.casefold()):
            return model
    prefix, colon, served = name.strip().partition(":")
    template = known.get(prefix)
    if colon and served and template is not None and not template.target:
        return served_model(template, served)
    if colon and served and prefix in PROVIDERS and PROVIDERS[prefix].lists_live:
        return unlisted_model(prefix, served, known)
    others = " or ".join(f"{name}:owner/model" for name in PROVIDERS if PROVIDERS[name].lists_live)
    raise UnknownModel(f"There is no model “{name}”.", f"Choose one of: {', '.join(known)}; or write {others}.")


def unlisted_model(provider: str, served_id: str, models: Mapping[str, ModelSpec] | None = None) -> ModelSpec:
    """A model that a service lists: the file's entry where it has one, else one with the service's usual parameters."""
    return unlisted_models(provider, [served_id], models)[0]


def unlisted_models(
    provider: str, served_ids: Iterable[str], models: Mapping[str, ModelSpec] | None = None
) -> list[ModelSpec]:
    """The same for many."""
    known = load_models() if models is None else models
    named = {PROVIDERS[provider].listed_as(model): model for model in known.values() if model.provider == provider}
    usual = usual_entry(current_settings().home / "models.toml", provider, "any", PROVIDERS, TEMPLATE)
    return [named.get(name) or replace(usual, id=f"{provider}:{name}", label=name, target=name) for name in served_ids]


def served_model(template: ModelSpec, served_id: str) -> ModelSpec:
    """The template made into a model that a server lists."""
    return replace(template, id=f"{template.id}:{served_id}", label=served_id, target=served_id)


def captioner(
    model: ModelSpec,
    *,
    key: SecretStr | None = None,
    base_url: str = "",
    settings: Settings | None = None,
    http: Http | None = None,
    rpm: int = 0,
) -> Captioner:
    """A ready captioner. Nothing is sent or loaded yet.

    `base_url` counts for services that take one, and is not used by others. Without `key` the server's own is taken.
    `rpm`: requests a minute at most, for all who share the key (0: the service's usual pace).
    Raises KeyMissing where a service needs a key and there is none, HostRefused for an address that may not be called,
    InvalidInput for an unusable model.
    """
    service, connection = _connect(model, key, base_url, settings, http)
    if service.needs_key and not (connection.key and connection.key.get_secret_value()):
        raise KeyMissing(
            f"{service.label} needs an API key.",
            f"Enter it in the API key field, or set {service.key_name} in the environment and restart.",
        )
    if connection.base_url:
        # A wrong address is wrong for every image, so it is told before the first one.
        connection.http.check(connection.base_url)
    return service.build(model, replace(connection, requests_per_minute=rpm))


def needs_download(model: ModelSpec, settings: Settings | None = None) -> bool:
    """True where the first caption would fetch the model's weights. Reads the disk only."""
    return PROVIDERS[model.provider].needs_download(model, settings or current_settings())


def list_served_models(
    base_url: str = "", key: SecretStr | None = None, *, settings: Settings | None = None, http: Http | None = None
) -> list[str]:
    """The model ids that an OpenAI-compatible server lists. Raises ProviderError or InvalidInput."""
    return list_models(load_models()[TEMPLATE], base_url, key, settings=settings, http=http)


def list_models(
    model: ModelSpec,
    base_url: str = "",
    key: SecretStr | None = None,
    *,
    settings: Settings | None = None,
    http: Http | None = None,
) -> list[str]:
    """The ids that the service of a model lists just now. Raises ProviderError or InvalidInput."""
    service, connection = _connect(model, key, base_url, settings, http)
    if not issubclass(service, Provider):
        raise InvalidInput(f"{service.label} has no list of models.", "Choose one of the file's.")
    return fetch_listed(service(model, connection), connection.http)


def key_to_send(model: ModelSpec, key: SecretStr | None, settings: Settings | None = None) -> SecretStr | None:
    """The key that a request for a model would go with, None where there is none."""
    found = _connect(model, key, "", settings, None)[1].key
    return found if found and found.get_secret_value() else None


def _connect(
    model: ModelSpec, key: SecretStr | None, base_url: str, settings: Settings | None, http: Http | None
) -> tuple[type[CaptionService], Connection]:
    settings = settings or current_settings()
    if model.provider not in PROVIDERS:
        raise InvalidInput(f"{model.label} names the service “{model.provider}”.", f"Known: {', '.join(PROVIDERS)}.")
    service = PROVIDERS[model.provider]
    base_url = as_reachable(base_url.strip()) if service.takes_base_url else ""
    if key is None or not key.get_secret_value().strip():
        key = settings.key_for(service.key_name) if _is_trusted(base_url, settings) else None
    else:
        key = SecretStr(key.get_secret_value().strip())
    return service, Connection(settings, http or Http.of(settings), key, base_url)


def has_server_key(model: ModelSpec, base_url: str = "", settings: Settings | None = None) -> bool:
    """True where a request without a key of the user's own would go with the server's."""
    settings = settings or current_settings()
    service = PROVIDERS[model.provider]
    held = bool(settings.key_for(service.key_name).get_secret_value())
    return held and (not service.takes_base_url or _is_trusted(base_url.strip(), settings))


def withheld_key(model: ModelSpec, base_url: str, settings: Settings | None = None) -> str:
    """The name of the server's key that is there and is not sent to an address ("" where none is kept back)."""
    settings = settings or current_settings()
    service = PROVIDERS[model.provider]
    held = bool(settings.key_for(service.key_name).get_secret_value())
    return service.key_name if held and base_url.strip() and not has_server_key(model, base_url, settings) else ""


def _is_trusted(base_url: str, settings: Settings) -> bool:
    """A visitor may type any address; the server's own key goes only where the server's owner sends it."""
    return not base_url or _same_origin(base_url, settings.openai_base_url or "https://api.openai.com")


def _same_origin(one: str, other: str) -> bool:
    try:
        return parse(as_reachable(one)) == parse(as_reachable(other))
    except HostRefused:
        return False


def default_model(settings: Settings | None = None, models: Mapping[str, ModelSpec] | None = None) -> ModelSpec:
    """What is chosen at the start: the first model of a service whose key is set, else the first local one."""
    settings = settings or current_settings()
    known = list((load_models() if models is None else models).values())
    for model in known:
        service = PROVIDERS[model.provider]
        if service.needs_key and settings.key_for(service.key_name).get_secret_value():
            return model
    return next(model for model in known if PROVIDERS[model.provider].runs_here)
