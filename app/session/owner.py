"""Who is at the other end: the owner of uploads, drafts, jobs and history."""

from __future__ import annotations

import ipaddress
import secrets

import streamlit as st

from app.session.login import current_login, is_login_wanted, logged_in_owner
from lib.owners import LOCAL, owners_of
from lib.settings import Access, settings

__all__ = ["COOKIE", "LOCAL", "current_owner", "is_admin"]

COOKIE = "toolkit_owner"


def current_owner() -> str:
    """The login, "" for nobody who may be here; `local` on a server bound to loopback; else whom the cookie stands for
    that app/server.py sets.

    Without that cookie the id lasts as long as the browser session.
    """
    if is_login_wanted():
        return logged_in_owner()
    if _is_loopback(str(st.get_option("server.address") or "")):
        return LOCAL
    cookie = st.context.cookies.get(COOKIE, "")
    if len(cookie) >= 32:
        return owners_of(settings().home).visitor(cookie)
    return str(st.session_state.setdefault("visitor", f"session:{secrets.token_hex(16)}"))


def is_admin() -> bool:
    """Whether they may see what is of the whole server: `local`, and a login whose e-mail TOOLKIT_ADMINS has."""
    if not is_login_wanted():
        return current_owner() == LOCAL
    return bool(logged_in_owner()) and Access().is_admin(current_login().account.email)


def _is_loopback(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
