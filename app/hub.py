"""Which token a session speaks to the Hugging Face Hub with."""

from __future__ import annotations

from pydantic import SecretStr

from app.owner import LOCAL
from app.state import AppState
from lib.hub import Hub
from lib.settings import settings


def server_token(state: AppState) -> SecretStr:
    """The server's own token, empty where it has none, or where it is not this visitor's.

    It opens its owner's private datasets, and so is for those alone who sit at this machine.
    """
    return settings().hf_token if state.owner == LOCAL else SecretStr("")


def hub_for(state: AppState, typed: str) -> Hub:
    """The Hub with the token that was typed, or with the server's where none was."""
    return Hub(SecretStr(typed.strip()) if typed.strip() else server_token(state))
