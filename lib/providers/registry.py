"""Which models and services there are, and how to get a ready captioner for one of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from lib.domain import ImageLimit, ModelSpec, ParamSpec, ParamValue
from lib.errors import HostRefused, InvalidInput, KeyMissing, UnknownModel
from lib.providers.base import Captioner, CaptionService, Connection
from lib.providers.http import Http, as_reachable, parse
from lib.registry import Registry
from lib.settings import Settings
from lib.settings import settings as current_settings

PACKAGED = Path(__file__).with_name("models.toml")
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


class _Parameter(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    type: Literal["int", "float"]
    default: ParamValue | None = None
    min: float
    max: float

    @model_validator(mode="after")
    def _in_range(self) -> _Parameter:
        if self.min > self.max or (self.default is not None and not self.min <= self.default <= self.max):
            raise ValueError("min, default and max are not in this order")
        return self

    def spec(self, name: str) -> ParamSpec:
        default = self.default
        if default is not None:
            default = int(default) if self.type == "int" else float(default)
        return ParamSpec(name, self.type, default, self.min, self.max)


class _Entry(BaseModel):
    """One [models.<id>] table, its provider's defaults already in it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    label: str = Field(min_length=1)
    provider: str
    target: str
    form: str = "chat"
    prompts: bool = True
    parameters: dict[str, _Parameter | Literal[False]] | Literal[False] = Field(default_factory=dict)
    max_side: int = Field(default=1024, ge=32)
    max_base64: int = Field(default=0, ge=0)
    revision: str = ""
    download_mb: int = 0
    note: str = ""

    @model_validator(mode="after")
    def _known(self) -> _Entry:
        if self.provider not in PROVIDERS:
            raise ValueError(f"provider is none of {', '.join(PROVIDERS)}")
        if not self.target and self.provider != TEMPLATE:
            raise ValueError("target is empty")
        return self

    def spec(self, id: str) -> ModelSpec:
        given = self.parameters or {}
        return ModelSpec(
            id=id,
            label=self.label,
            provider=self.provider,
            target=self.target,
            form=self.form,
            prompts=self.prompts,
            params=tuple(value.spec(name) for name, value in given.items() if value is not False),
            limit=ImageLimit(self.max_side, self.max_base64),
            revision=self.revision,
            download_mb=self.download_mb,
            note=self.note,
        )


def load_models(extra: Path | None = None) -> dict[str, ModelSpec]:
    """All models by id: those that come with the toolkit, and the user's own from `extra`.

    `extra` is models.toml in TOOLKIT_HOME unless given; it may be absent. Raises InvalidInput that names the file and
    the entry where it cannot be used.
    """
    extra = current_settings().home / "models.toml" if extra is None else extra
    tables = _read(PACKAGED)
    if extra.is_file():
        tables = _merged(tables, _read(extra))
    source = extra if extra.is_file() else PACKAGED
    return {id: _spec(id, table, tables["defaults"], source) for id, table in tables["models"].items()}


def _read(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path} cannot be read: {error}.", "Correct or remove the file.") from error
    tables = {name: found.pop(name, {}) for name in ("defaults", "models")}
    if found or not all(isinstance(table, dict) for table in tables.values()):
        odd = ", ".join(found) or "defaults or models"
        raise InvalidInput(f"{path} has an entry that is not understood: {odd}.", "Write entries as [models.my-model].")
    return tables


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Tables laid over each other, field by field; parameters are whole values."""
    result = dict(under)
    for key, value in over.items():
        below = result.get(key)
        mergeable = isinstance(below, Mapping) and isinstance(value, Mapping) and "type" not in value
        result[key] = _merged(below or {}, value) if mergeable else value
    return result


def _spec(id: str, table: Any, defaults: Mapping[str, Any], source: Path) -> ModelSpec:
    try:
        if not isinstance(table, Mapping):
            raise ValueError("it is not a table")
        base = defaults.get(str(table.get("provider")), {})
        return _Entry.model_validate(_merged(base if isinstance(base, Mapping) else {}, table)).spec(id)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        # Between the names stand pydantic's own, in brackets, which say nothing to a user.
        place = ".".join(str(part) for part in first["loc"] if "[" not in str(part))
        reason = f"{place}: {first['msg']}" if place else first["msg"]
    except ValueError as error:
        reason = str(error)
    raise InvalidInput(f"The model “{id}” in {source} cannot be used: {reason}.", "Correct or remove this entry.")


def find_model(name: str, models: Mapping[str, ModelSpec] | None = None) -> ModelSpec:
    """The model of that id or label, in any case; `openai-compatible:<id>` names a model that a server lists.

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
    raise UnknownModel(f"There is no model “{name}”.", f"Choose one of: {', '.join(known)}.")


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
    from lib.providers.openai_compatible import fetch_served_models

    template = load_models()[TEMPLATE]
    _, connection = _connect(template, key, base_url, settings, http)
    return fetch_served_models(template, connection, connection.http)


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
