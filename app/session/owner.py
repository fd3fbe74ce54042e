"""Who is at the other end: the owner of uploads, drafts, jobs and history."""

from __future__ import annotations

import secrets

import streamlit as st

from app.doors.this_run import browser_mark, is_from_this_machine
from app.session.login import current_login, is_login_wanted, logged_in_owner
from lib.owners import LOCAL, owners_of
from lib.settings import Access, settings

__all__ = ["COOKIE", "LOCAL", "current_owner", "is_admin"]

COOKIE = "toolkit_owner"


def current_owner() -> str:
    """The login, "" for nobody who may be here; `local` for a person at this machine; else whom the cookie stands for
    that app/server.py sets.

    Without that cookie the id lasts as long as the browser session, and is good in one browser only.
    """
    if is_login_wanted():
        return logged_in_owner()
    if is_from_this_machine():
        return LOCAL
    cookie = st.context.cookies.get(COOKIE, "")
    if len(cookie) >= 32:
        return owners_of(settings().home).visitor(cookie)
    return _passing_visitor()


def _passing_visitor() -> str:
    mark, kept = browser_mark(), st.session_state.get("visitor")
    if not isinstance(kept, tuple) or kept[0] != mark:
        kept = st.session_state["visitor"] = mark, f"session:{secrets.token_hex(16)}"
    return str(kept[1])


def is_admin() -> bool:
    """Whether they may see what is of the whole server: `local`, and a login whose e-mail TOOLKIT_ADMINS has."""
    if not is_login_wanted():
        return current_owner() == LOCAL
    return bool(logged_in_owner()) and Access().is_admin(current_login().account.email)
