"""The login, where the server's settings ask for one."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Mapping

import streamlit as st
from streamlit.errors import StreamlitAPIException

from app.doors.session_door import SESSIONS
from app.doors.this_run import session_id
from app.session.login import Login, current_login, is_login_wanted, log_out_everywhere, welcome
from app.session.messages import error_boundary, notice, show_error
from app.session.owner import is_admin
from lib.errors import DatabaseFailed, LoggedOut, LoginRefused

_LEAVES = "shell.leaves"
_FAILED = "login.failed"

_log = logging.getLogger(__name__)


def login_gate() -> None:
    """Where the server's secrets set up a login ([auth]), nobody goes on without one that counts."""
    if not is_login_wanted():
        return
    with error_boundary():
        try:
            login = current_login()
        except LoginRefused as refused:
            _outside(refused)
        else:
            welcome(login)
            _inside(login)
            return
    st.stop()


def _inside(login: Login) -> None:
    with st.sidebar:
        st.text(login.account.email + (", administrator" if is_admin() else ""))
        st.button("Log out", key="shell.logout", on_click=functools.partial(_log_out, login), type="tertiary")


def _outside(refused: LoginRefused) -> None:
    st.title("Captioning & Visualization Toolkit")
    if st.session_state.get(_LEAVES):
        # In each run: what a run sends is dropped where another one begins at once, as one that was waiting does.
        st.logout()
    if st.session_state.pop(_FAILED, False):
        notice("error", "The login is not set up right.", "The reason is in the server's log, for the administrator.")
    known = bool(st.user.get("is_logged_in"))
    if known or refused.hint:
        show_error(refused)
    else:
        st.text(refused.message)
    if known and not isinstance(refused, LoggedOut):
        st.button("Log out", key="shell.leave", on_click=st.logout)
        return
    for provider in _providers():
        label = f"Log in with {provider}" if provider else "Log in"
        st.button(label, key=f"shell.login.{provider}", on_click=functools.partial(_log_in, provider), type="primary")


def _providers() -> list[str]:
    """The login services that the secrets name: sections below [auth], or "" for [auth] itself."""
    auth = st.secrets.get("auth", {}) if st.secrets.load_if_toml_exists() else {}
    named = [name for name, section in auth.items() if isinstance(section, Mapping) and "client_id" in section]
    return ["", *named] if "client_id" in auth or not named else named


def _log_in(provider: str) -> None:
    try:
        st.login(provider or None)
    except StreamlitAPIException as exc:
        _log.error("The login is not set up right: %s", exc)
        st.session_state[_FAILED] = True


def _log_out(login: Login) -> None:
    SESSIONS.strike(session_id())
    try:
        log_out_everywhere(login)
    except (DatabaseFailed, OSError):
        _log.exception("A log out could not be written down: it is forgotten when the server is started again.")
    # A login counts whole seconds. This one has to be over, or one that is made out next would be taken for older.
    time.sleep(1 - time.time() % 1)
    st.session_state[_LEAVES] = True
    st.logout()
