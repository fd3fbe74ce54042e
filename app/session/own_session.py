"""A session belongs to one owner: whoever takes it up by its id and is another gets a fresh one."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.doors.session_door import SESSIONS
from app.doors.this_run import session_id
from app.session.login import may_act
from app.session.owner import COOKIE
from app.session.state import is_own_session


def begin_afresh_for_another() -> None:
    """Let go of everything that a session holds, where it is not its owner who looks. Before anything is drawn."""
    if is_own_session():
        return
    SESSIONS.strike(session_id())
    st.session_state.clear()
    if (context := get_script_run_ctx()) is not None:
        context.uploaded_file_mgr.remove_session_files(context.session_id)


def leave_to_owner() -> None:
    """For a part of a page that is run alone: where it is another owner who looks, the page is run in its place."""
    if not (may_act() and is_own_session()):
        st.rerun()


def hold_session() -> None:
    """From now on only this browser may take the session up again and upload into it. Past the login."""
    SESSIONS.note(session_id(), st.context.cookies.get(COOKIE, ""))
