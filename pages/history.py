"""History: what was done to the open folder's captions, each change as before and after, undone and done again."""

import streamlit as st

from app.history.damage_note import damage_note
from app.history.diff_panel import diff_panel
from app.history.history_bar import history_bar
from app.history.operations_list import operations_list
from app.history.undo_panel import undo_panel
from app.session.state import app_state

state = app_state()
st.container(key="page-title").title("History", anchor=False)
wanted = history_bar(state)
damage_note(state)
undo_panel(state)
operations, changes = st.columns([5, 8], gap="medium")
with operations:
    chosen = operations_list(state, wanted)
with changes:
    diff_panel(state, chosen)
