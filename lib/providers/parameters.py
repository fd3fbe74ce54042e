"""The advanced parameters: their text read, checked against a model's ranges, and explained. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from lib.domain import ModelSpec, ParamSpec, ParamValue
from lib.errors import InvalidParameters

_ALIASES = dict.fromkeys(("max_token", "max_new_tokens", "max_completion_tokens"), "max_tokens")
"""Other names of one parameter. Which of them a server takes is found out when it is asked."""
_INT = re.compile(r"[+-]?[0-9]{1,18}")
_EXAMPLE = "Write them like: max_tokens=512, temperature=0.30"


def parse_parameters(text: str, model: ModelSpec) -> dict[str, ParamValue]:
    """`max_tokens=512, temperature=0.30` as values. Empty text gives none.

    Raises InvalidParameters for a part without "=", a missing value, a name that the model does not take, a value of
    the wrong kind or out of range, and a name given twice.
    """
    found: dict[str, ParamValue] = {}
    parts = [part.strip() for part in re.split(r"[,;\n]", text)]
    if not any(parts):
        return {}
    if not model.params:
        raise InvalidParameters(f"{model.label} takes no parameters.", "Leave the field empty.")
    specs = {spec.name: spec for spec in model.params}
    for part in filter(None, parts):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise InvalidParameters(f"“{part}” has no “=”.", _EXAMPLE)
        name = _ALIASES.get(name.lower(), name.lower())
        if name not in specs:
            legal = ", ".join(specs)
            raise InvalidParameters(f"{model.label} has no parameter “{name}”.", f"It takes: {legal}.")
        if name in found:
            raise InvalidParameters(f"{name} is given twice.", "Keep one of the two.")
        found[name] = _value(specs[name], value)
    return found


def _value(spec: ParamSpec, text: str) -> ParamValue:
    if not text:
        raise InvalidParameters(f"{spec.name} has no value.", _EXAMPLE)
    value: ParamValue
    if spec.kind == "int":
        if not _INT.fullmatch(text):
            raise InvalidParameters(f"{spec.name} must be a whole number, not “{text}”.", _range(spec))
        value = int(text)
    else:
        try:
            value = float(text) if text.isascii() and "_" not in text else math.nan
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise InvalidParameters(f"{spec.name} must be a number, not “{text}”.", _range(spec))
    if not spec.minimum <= value <= spec.maximum:
        raise InvalidParameters(f"{spec.name}={text} is out of range.", _range(spec))
    return value


def with_defaults(params: Mapping[str, ParamValue], model: ModelSpec) -> dict[str, ParamValue]:
    """The model's defaults, overruled by what was given. Parameters without a default are left to the service."""
    defaults = {spec.name: spec.default for spec in model.params if spec.default is not None}
    return defaults | dict(params)


def describe(model: ModelSpec) -> str:
    """The model's parameters in one line a piece, for a help text."""
    if not model.params:
        return "This model takes no parameters."
    return "\n".join(f"{spec.name}: {_default(spec)}, {_bounds(spec)}" for spec in model.params)


def _default(spec: ParamSpec) -> str:
    if spec.default is None:
        return "not set"
    return f"{spec.default:.2f}" if spec.kind == "float" else str(spec.default)


def _bounds(spec: ParamSpec) -> str:
    return (
        f"{spec.minimum:g} to {spec.maximum:g}" if spec.kind == "float" else f"{spec.minimum:.0f} to {spec.maximum:.0f}"
    )


def _range(spec: ParamSpec) -> str:
    return f"It runs from {_bounds(spec)}."
