"""Who is at the other end: the owner of uploads, drafts, jobs and history."""

from __future__ import annotations

import ipaddress
import secrets

import streamlit as st

COOKIE = "toolkit_owner"

LOCAL = "local"


def current_owner() -> str:
    """The login's e-mail; `local` on a server bound to loopback; else the id in the cookie that app/server.py sets.

    Without that cookie the id lasts as long as the browser session.
    """
    email = st.user.get("email") if st.user.get("is_logged_in") else None
    if email:
        return f"mail:{email}"
    if _is_loopback(str(st.get_option("server.address") or "")):
        return LOCAL
    cookie = st.context.cookies.get(COOKIE, "")
    if len(cookie) >= 32:
        return f"cookie:{cookie}"
    return str(st.session_state.setdefault("visitor", f"session:{secrets.token_hex(16)}"))


def _is_loopback(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
