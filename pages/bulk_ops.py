"""Bulk Ops: change the tags of many images at once, each time as one operation that can be undone."""

import streamlit as st

from app.bulk_ops.affix_tool import TOOL as AFFIX
from app.bulk_ops.affix_tool import bulk_affix
from app.bulk_ops.generate_tool import bulk_generate
from app.bulk_ops.preview_panel import outcome_panel
from app.bulk_ops.replace_tool import TOOL as REPLACE
from app.bulk_ops.replace_tool import bulk_replace
from app.bulk_ops.tags_tool import TOOL as TAGS
from app.bulk_ops.tags_tool import bulk_tags
from app.samples.scope_bar import draft_note, scope_bar
from app.session.state import app_state

TOOLS = {
    "Generate": (bulk_generate, ""),
    "Add to all tags": (bulk_affix, AFFIX),
    "Find and replace": (bulk_replace, REPLACE),
    "Tag operations": (bulk_tags, TAGS),
}

state = app_state()
st.container(key="page-title").title("Bulk Ops", anchor=False)
tool = st.segmented_control(
    "Tool",
    list(TOOLS),
    default=next(iter(TOOLS)),
    key="bulk.tool",
    required=True,
    label_visibility="collapsed",
    persist_state="session",
)
records = scope_bar(state)
draft_note(state, records)
show, edits = TOOLS[tool]
show(state, records)
outcome_panel(state, edits)
