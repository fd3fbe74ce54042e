"""A run of a page that another one takes over on the way, as Streamlit lets a click do at any access to the session."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import Any

import pytest
from streamlit.runtime.scriptrunner import RerunData, RerunException


def taken_over_at(what: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have another run take over at the first call of a function (its dotted name); the list holds the name then."""
    original, ended = resolve_name(what), list[str]()

    def call(*arguments: Any, **options: Any) -> Any:
        if not ended:
            ended.append(what)
            raise RerunException(RerunData())
        return original(*arguments, **options)

    monkeypatch.setattr(what, call)
    return ended
