"""Looks at each run's own request: where app/main.py is run alone, nobody has looked before."""

from __future__ import annotations

import streamlit as st

from app.doors.this_run import why_refused
from app.session.own_session import begin_afresh_for_another


def door_gate() -> None:
    """Nothing is shown to foreign names and pages, and nothing of a session to another than its owner."""
    if why := why_refused():
        st.title("Captioning & Visualization Toolkit")
        st.text(why)
        st.stop()
    begin_afresh_for_another()
