"""Who is at the other end: the owner of uploads, drafts, jobs and history."""

from __future__ import annotations

import secrets

import streamlit as st

from app.doors.this_run import browser_mark, is_from_this_machine

COOKIE = "toolkit_owner"

LOCAL = "local"


def current_owner() -> str:
    """The login's e-mail; `local` for a person at this machine; else the id in the cookie that app/server.py sets.

    Without that cookie the id lasts as long as the browser session, and is good in one browser only.
    """
    email = st.user.get("email") if st.user.get("is_logged_in") else None
    if email:
        return f"mail:{email}"
    if is_from_this_machine():
        return LOCAL
    cookie = st.context.cookies.get(COOKIE, "")
    if len(cookie) >= 32:
        return f"cookie:{cookie}"
    return _passing_visitor()


def _passing_visitor() -> str:
    mark, kept = browser_mark(), st.session_state.get("visitor")
    if not isinstance(kept, tuple) or kept[0] != mark:
        kept = st.session_state["visitor"] = mark, f"session:{secrets.token_hex(16)}"
    return str(kept[1])
