"""Bulk Ops: change the tags of many images at once, each time as one operation that can be undone."""

import streamlit as st

from app.components.bulk_affix import bulk_affix
from app.components.bulk_generate import bulk_generate
from app.components.bulk_preview import outcome_panel
from app.components.bulk_replace import bulk_replace
from app.components.bulk_tags import bulk_tags
from app.components.dataset_picker import dataset_picker
from app.components.scope_bar import draft_note, scope_bar
from app.components.toolbar import empty_folder
from app.state import app_state

TOOLS = {
    "Generate": bulk_generate,
    "Add to all tags": bulk_affix,
    "Find and replace": bulk_replace,
    "Tag operations": bulk_tags,
}

state = app_state()
if state.dataset is None:
    dataset_picker(state)
elif not len(state.dataset):
    empty_folder(state, state.dataset)
else:
    st.title("Bulk Ops", anchor=False)
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
    TOOLS[tool](state, records)
    outcome_panel(state)
