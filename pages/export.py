"""Export: a dataset for other programs, and other programs' datasets taken in."""

import streamlit as st

from app.components.dataset_picker import dataset_picker
from app.components.export_form import export_form
from app.components.export_outcome import kept_exports
from app.components.import_form import import_form
from app.components.import_outcome import import_outcome
from app.components.scope_bar import scope_bar
from app.components.toolbar import empty_folder
from app.state import app_state

state = app_state()
heading = st.container()
way = st.segmented_control(
    "What to do",
    ["Export", "Import"],
    default="Export",
    key="export.way",
    required=True,
    label_visibility="collapsed",
    persist_state="session",
)
if way == "Import":
    heading.title("Import", anchor=False)
    import_form(state)
    import_outcome(state)
elif state.dataset is None:
    dataset_picker(state)
    kept_exports(state)
elif not len(state.dataset):
    empty_folder(state, state.dataset)
    kept_exports(state)
else:
    heading.title("Export", anchor=False)
    export_form(state, state.dataset, scope_bar(state))
    kept_exports(state)
