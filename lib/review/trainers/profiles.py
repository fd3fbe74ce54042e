"""Target profiles: a toml file a trainer, checked once. A new trainer is a new file beside these."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from lib.errors import InvalidInput
from lib.review.findings import Severity

_HERE = Path(__file__).parent


class Rule(BaseModel):
    """What a trainer demands. `rule` names what breaks it, `does` says what the trainer then does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str
    severity: Severity
    does: str


class Profile(BaseModel):
    """A trainer. `tokens` and `side` (pixels of the shorter side) are 0 where it sets no limit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    place: int
    """Where it stands among the others."""
    label: str
    version: str
    tokens: int = 0
    side: int = 0
    endings: frozenset[str] = frozenset()
    """Of pictures that it reads, in small letters; empty: any."""
    aspect: tuple[float, float] = (0.0, 0.0)
    rules: tuple[Rule, ...] = Field(min_length=1)


@lru_cache(maxsize=1)
def _all() -> dict[str, Profile]:
    found = [
        Profile(name=path.stem, **tomllib.loads(path.read_text(encoding="utf-8"))) for path in _HERE.glob("*.toml")
    ]
    return {one.name: one for one in sorted(found, key=lambda one: one.place)}


def trainers() -> tuple[str, ...]:
    """The names of all trainers, in the order in which they are shown."""
    return tuple(_all())


def profile(name: str) -> Profile:
    """The profile of that name. Raises InvalidInput for one that is not there."""
    if name not in _all():
        raise InvalidInput(f"There is no trainer “{name}”.", f"Choose among {', '.join(trainers())}.")
    return _all()[name]


def profiles(names: tuple[str, ...] = ()) -> tuple[Profile, ...]:
    """Those of these names, or all. Raises InvalidInput for one that is not there."""
    return tuple(map(profile, names or trainers()))
