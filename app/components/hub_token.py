"""The field for a Hugging Face token, the same one for pushing and importing."""

from __future__ import annotations

import streamlit as st

from app.hub import server_token
from app.state import AppState

_TOKEN = "hub.token"


def hub_token(state: AppState, *, needed: bool) -> None:
    """Show the field. What is typed stays in this session and is written nowhere."""
    if server_token(state).get_secret_value():
        hint = "Set on this server (HF_TOKEN); leave empty to use it"
    else:
        hint = "hf_…, with write access" if needed else "Only for a private dataset"
    st.text_input(
        "Hugging Face token",
        type="password",
        key=_TOKEN,
        placeholder=hint,
        autocomplete="off",
        persist_state="session",
    )


def typed_token() -> str:
    """What the field holds now."""
    return str(st.session_state.get(_TOKEN) or "")
