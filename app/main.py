"""The dashboard's entry: path, page table, sidebar, login gate, outer error net. Nobody imports it."""

from __future__ import annotations

import sys
from pathlib import Path

# `streamlit run` puts only this file's folder on the path.
_REPOSITORY = str(Path(__file__).resolve().parent.parent)
if _REPOSITORY not in sys.path:
    sys.path.insert(0, _REPOSITORY)

import streamlit as st  # noqa: E402

from app.clusters.ahead import prepare_first_map  # noqa: E402
from app.elements.newest_typing import keep_newest_typing  # noqa: E402
from app.session.first_imports import folder_is_open  # noqa: E402
from app.session.messages import error_boundary, show_kept, show_toasts  # noqa: E402
from app.session.open_dataset import restore_from_link  # noqa: E402
from app.session.own_session import hold_session  # noqa: E402
from app.session.quiet import page_is_asked_for  # noqa: E402
from app.session.state import app_state  # noqa: E402
from app.shell.door import door_gate  # noqa: E402
from app.shell.ended import tell_what_ended  # noqa: E402
from app.shell.gate import prepares_for_a_map  # noqa: E402
from app.shell.login import login_gate  # noqa: E402
from app.shell.page_table import Page, draw_menu, is_ready  # noqa: E402
from app.shell.sidebar import keep_address, sidebar, style_sheet  # noqa: E402
from app.shell.told import told_panel  # noqa: E402
from lib import cache  # noqa: E402

# The menu: a line a page.
PAGES = {
    "Tag Dataset": [
        Page("tagging", "Tagging", "sell"),
        Page("bulk_ops", "Bulk Ops", "library_add_check", "app.bulk_ops.state:BulkState"),
        Page("export", "Export", "drive_file_move", "app.export.state:ImportState", needs="nothing"),
        Page("history", "History", "history", "app.history.state:HistoryState", needs="folder"),
    ],
    "Visualize Data": [
        Page("clusters", "Clusters", "scatter_plot", "app.clusters.state:ClustersState"),
        Page("keyword_filter", "Keyword Filter", "search", "app.keyword_filter.state:FilterState"),
        Page("word_cloud", "Word Cloud", "cloud", "app.word_cloud.state:WordsState"),
        Page("review", "Review", "fact_check", "app.review.state:ReviewState"),
    ],
    "Toolkit": [Page("settings", "Settings", "settings", "app.settings.state:SettingsState", needs="nothing")],
}

st.set_page_config(
    page_title="Captioning & Visualization Toolkit",
    page_icon=Path(__file__).with_name("icon.svg"),
    layout="wide",
    initial_sidebar_state=236,
)
page_is_asked_for()
style_sheet()
cache.own_home()
door_gate()
login_gate()
hold_session()

chosen, page = draw_menu(PAGES)
cache.guarded_logs()
cache.housekeeping()
state = app_state()
with error_boundary(keep="page"):
    restore_from_link(state)
keep_address(state)
keep_newest_typing()
# In a place of its own: what comes and goes above the page would move it, and a box that is moved loses the focus.
with st.container():
    show_kept("page")
with error_boundary():
    if is_ready(state, page):
        chosen.run()
# Last, so that its counts are those that the page has just brought up to date.
with error_boundary():
    sidebar(state)
# What the page has just done is told, too. It stands last, where it moves nothing.
with error_boundary():
    tell_what_ended(state, page.name)
    told_panel(state)
    show_toasts()
if state.dataset is not None:
    if prepares_for_a_map(state):
        folder_is_open()
    prepare_first_map(state)
