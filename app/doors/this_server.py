"""How the server that runs here stands, by Streamlit's settings and the toolkit's."""

from __future__ import annotations

import streamlit as st

from app.doors.rules import House
from lib.settings import settings


def this_house() -> House:
    """The rules' view of this server."""
    return House(
        address=str(st.get_option("server.address") or ""),
        hosts=tuple(settings().hosts),
        proxies=tuple(settings().proxies),
        asks_for_login=asks_for_login(),
    )


def asks_for_login() -> bool:
    """Whether the server's secrets set up a login ([auth]). Secrets that cannot be read might."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError as error:
        return getattr(error, "error_id", "no-secrets-found") != "no-secrets-found"


def base_path() -> str:
    """What stands before every path of this server: "" or "/captions"."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""
