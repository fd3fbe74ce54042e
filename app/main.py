"""The dashboard's entry: path, page table, sidebar, login gate, outer error net. Nobody imports it."""

from __future__ import annotations

import sys
from pathlib import Path

# `streamlit run` puts only this file's folder on the path.
_REPOSITORY = str(Path(__file__).resolve().parent.parent)
if _REPOSITORY not in sys.path:
    sys.path.insert(0, _REPOSITORY)

import streamlit as st  # noqa: E402

from app.components.shell import keep_address, login_gate, sidebar, style_sheet  # noqa: E402
from app.messages import error_boundary, show_kept, show_toasts  # noqa: E402
from app.opening import restore_from_link  # noqa: E402
from app.state import app_state  # noqa: E402
from lib import cache  # noqa: E402

st.set_page_config(
    page_title="Image Captioning Toolkit",
    page_icon=Path(__file__).with_name("icon.svg"),
    layout="wide",
    initial_sidebar_state=264,
)
style_sheet()
login_gate()

page = st.navigation(
    {
        "Tag Dataset": [
            st.Page("../pages/tagging.py", title="Tagging", icon=":material/sell:", default=True),
            st.Page("../pages/bulk_ops.py", title="Bulk Ops", icon=":material/library_add_check:"),
            st.Page("../pages/export.py", title="Export", icon=":material/drive_file_move:"),
            st.Page("../pages/history.py", title="History", icon=":material/history:"),
        ],
        "Visualize Data": [
            st.Page("../pages/clusters.py", title="Clusters", icon=":material/scatter_plot:"),
            st.Page("../pages/keyword_filter.py", title="Keyword Filter", icon=":material/search:"),
            st.Page("../pages/word_cloud.py", title="Word Cloud", icon=":material/cloud:"),
        ],
    }
)
cache.guarded_logs()
cache.housekeeping()
state = app_state()
with error_boundary(keep="page"):
    restore_from_link(state)
keep_address(state)
show_toasts()
show_kept("page")
with error_boundary():
    page.run()
# Last, so that its counts are those that the page has just brought up to date.
with error_boundary():
    sidebar(state)
