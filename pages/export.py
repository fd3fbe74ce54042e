"""Export: a dataset for other programs, and other programs' datasets taken in."""

import streamlit as st

from app.export.export_form import export_form
from app.export.export_outcome import kept_exports
from app.export.handed_over import take_handed_over
from app.export.import_form import import_form
from app.export.import_outcome import import_outcome
from app.samples.scope_bar import scope_bar
from app.session.open_dataset import opened
from app.session.state import app_state
from app.shell.gate import has_images

state = app_state()
take_handed_over(state)
heading = st.container(key="page-title")
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
else:
    if has_images(state):
        heading.title("Export", anchor=False)
        export_form(state, opened(state)[0], scope_bar(state))
    kept_exports(state)
