"""History: what was done to the open folder's captions, each change as before and after, undone and done again."""

import streamlit as st

from app.history.damage_note import damage_note
from app.history.diff_panel import diff_panel
from app.history.history_bar import history_bar
from app.history.operations_list import operations_list
from app.history.undo_panel import is_under_way, undo_panel
from app.session.state import app_state

state = app_state()
st.container(key="page-title").title("History", anchor=False)
# Asked once: what ends while the page is drawn must not leave some of its buttons greyed.
is_busy = is_under_way(state)
wanted = history_bar(state, is_busy=is_busy)
damage_note(state)
undo_panel(state, is_busy=is_busy)
operations, changes = st.columns([5, 8], gap="medium")
with operations:
    chosen = operations_list(state, wanted)
with changes:
    diff_panel(state, chosen, is_busy=is_busy)
