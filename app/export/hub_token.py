"""Which token a session speaks to the Hugging Face Hub with, and the field for it: the same for push and import."""

from __future__ import annotations

import streamlit as st
from pydantic import SecretStr

from app.samples.model_field import HUB_TOKEN
from app.session.owner import LOCAL
from app.session.state import AppState
from lib.hub import Hub
from lib.settings import settings


def hub_token(state: AppState, *, needed: bool) -> None:
    """Show the field. What is typed stays in this session and is written nowhere."""
    if server_token(state).get_secret_value():
        hint = "Set on this server (HF_TOKEN); leave empty to use it"
    else:
        hint = "hf_…, with write access" if needed else "Only for a private dataset"
    st.text_input(
        "Hugging Face token",
        type="password",
        key=HUB_TOKEN,
        placeholder=hint,
        autocomplete="off",
        persist_state="session",
    )


def typed_token() -> str:
    """What the field holds now."""
    return str(st.session_state.get(HUB_TOKEN) or "")


def server_token(state: AppState) -> SecretStr:
    """The server's own token, empty where it has none, or where it is not this visitor's.

    It opens its owner's private datasets, and so is for those alone who sit at this machine.
    """
    return settings().hf_token if state.owner == LOCAL else SecretStr("")


def hub_for(state: AppState, typed: str) -> Hub:
    """The Hub with the token that was typed, or with the server's where none was."""
    return Hub(SecretStr(typed.strip()) if typed.strip() else server_token(state))
