"""Who wrote a caption, as a file of our own export tells: taken over as its word, not as our knowledge."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from lib.domain import Origin, ParamValue

_NAME, _PROMPT, _PARAMS = 200, 20_000, 50
"""Characters of a model's name, of a prompt, and how many parameters: what is longer is nothing that we wrote."""


class ToldOrigins:
    """What files tell of captions, by their text: a caption may come in under any name, or beside several."""

    def __init__(self) -> None:
        self._origins: dict[str, Origin | None] = {}

    def tell(self, text: str, told: object) -> None:
        """Notes the origin that a file has beside a caption, if it is one."""
        origin = told_origin(told)
        if origin is not None and self._origins.setdefault(_plain(text), origin) != origin:
            # Two wrote the same words: which of them is meant cannot be said.
            self._origins[_plain(text)] = None

    def of(self, text: str) -> Origin | None:
        """What was told of a caption; None where nothing was."""
        return self._origins.get(_plain(text))


def told_origin(told: object) -> Origin | None:
    """An origin as our exports write it, marked as told by a file; None for anything else."""
    if not isinstance(told, Mapping):
        return None
    model, prompt = (told.get(name, "") for name in ("model", "prompt"))
    at = _time(told.get("time"))
    if not (isinstance(model, str) and isinstance(prompt, str) and (model or at)):
        return None
    if len(model) > _NAME or len(prompt) > _PROMPT:
        return None
    return Origin("import", model, prompt, _params(told.get("params")), told.get("edited") is True, told_at=at)


def _params(told: object) -> dict[str, ParamValue]:
    if not isinstance(told, Mapping) or len(told) > _PARAMS:
        return {}
    return {
        name: value
        for name, value in told.items()
        if isinstance(name, str) and len(name) <= _NAME and type(value) in (int, float) and math.isfinite(value)
    }


def _time(told: object) -> str:
    try:
        return datetime.fromisoformat(str(told)).astimezone(UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError):
        return ""


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
