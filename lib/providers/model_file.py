"""models.toml: the toolkit's own and the user's, laid over each other and checked, an entry a model."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, model_validator

from lib.domain import ImageLimit, ModelSpec, ParamSpec, ParamValue
from lib.errors import InvalidInput

PACKAGED = Path(__file__).with_name("models.toml")


@dataclass(frozen=True, slots=True)
class _Services:
    known: tuple[str, ...]
    template: str


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
    price_in: float | int = Field(default=0, ge=0)
    price_out: float | int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _known(self, info: ValidationInfo) -> _Entry:
        services = info.context
        assert isinstance(services, _Services)
        if self.provider not in services.known:
            raise ValueError(f"provider is none of {', '.join(services.known)}")
        if not self.target and self.provider != services.template:
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
            price_in=float(self.price_in),
            price_out=float(self.price_out),
        )


def read_models(extra: Path, services: Iterable[str], template: str) -> dict[str, ModelSpec]:
    """All models by id: those that come with the toolkit, and the user's own from `extra`, which may be absent.

    `services` are the legal values of `provider`; entries of `template` alone have no target. Raises InvalidInput that
    names the file and the entry where it cannot be used.
    """
    return dict(_models(extra, _stamp(extra), _Services(tuple(services), template)))


def usual_entry(extra: Path, provider: str, target: str, services: Iterable[str], template: str) -> ModelSpec:
    """A model of a service that has no entry, with what the service's models usually take. Raises InvalidInput."""
    return _usual(extra, _stamp(extra), provider, target, _Services(tuple(services), template))


_Stamp = tuple[int, int, int] | None
"""What changes with a file; None where there is none. Pages ask many times a second, and reading it takes 5 ms."""


def _stamp(path: Path) -> _Stamp:
    try:
        info = path.stat()
    except OSError:
        return None
    return (info.st_mtime_ns, info.st_size, info.st_ino) if stat.S_ISREG(info.st_mode) else None


@lru_cache(maxsize=4)
def _models(extra: Path, stamp: _Stamp, known: _Services) -> dict[str, ModelSpec]:
    tables, source = _tables(extra, stamp), PACKAGED if stamp is None else extra
    return {id: _spec(id, table, tables["defaults"], source, known) for id, table in tables["models"].items()}


@lru_cache(maxsize=64)
def _usual(extra: Path, stamp: _Stamp, provider: str, target: str, known: _Services) -> ModelSpec:
    table = {"label": target, "provider": provider, "target": target}
    return _spec(target, table, _tables(extra, stamp)["defaults"], extra, known)


@lru_cache(maxsize=4)
def _tables(extra: Path, stamp: _Stamp) -> dict[str, Any]:
    tables = _read(PACKAGED)
    return tables if stamp is None else _merged(tables, _read(extra))


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


def _spec(id: str, table: Any, defaults: Mapping[str, Any], source: Path, services: _Services) -> ModelSpec:
    try:
        if not isinstance(table, Mapping):
            raise ValueError("it is not a table")
        base = defaults.get(str(table.get("provider")), {})
        merged = _merged(base if isinstance(base, Mapping) else {}, table)
        return _Entry.model_validate(merged, context=services).spec(id)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        # Between the names stand pydantic's own, in brackets, which say nothing to a user.
        place = ".".join(str(part) for part in first["loc"] if "[" not in str(part))
        reason = f"{place}: {first['msg']}" if place else first["msg"]
    except ValueError as error:
        reason = str(error)
    raise InvalidInput(f"The model “{id}” in {source} cannot be used: {reason}.", "Correct or remove this entry.")
