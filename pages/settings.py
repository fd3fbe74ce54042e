"""Settings: one's own keys, theme, versions and jobs; for administrators also what this server holds and does."""

import streamlit as st

from app.elements.theme_choice import theme_choice
from app.session.messages import show_kept
from app.session.owner import is_admin
from app.session.state import app_state
from app.settings.bug_report import bug_report_panel
from app.settings.own_keys import keys_panel
from app.settings.server_panel import server_panel
from app.settings.work_panel import work_panel

state = app_state()
with st.container(key="page-title"):
    st.title("Settings", anchor=False)
# Two keys: what an administrator chose is no choice of somebody who is none any more.
part = st.segmented_control(
    "Part",
    ["Yours", "This server", "Jobs"] if is_admin() else ["Yours", "Jobs"],
    default="Yours",
    key="settings.part" if is_admin() else "settings.own_part",
    required=True,
    label_visibility="collapsed",
    persist_state="session",
)
show_kept("settings")
with st.container(width=920):
    if part == "This server":
        server_panel(state)
    elif part == "Jobs":
        work_panel()
    else:
        keys_panel(state)
        st.subheader("Theme", anchor=False)
        st.caption("The page is loaded anew by the choice; a key that you typed has to be typed again.")
        theme_choice(key="settings.theme")
        bug_report_panel()
