"""History: what was done to the open folder's captions, each change as before and after, undone and done again."""

import streamlit as st

from app.components.dataset_picker import dataset_picker
from app.components.diff_panel import diff_panel
from app.components.history_bar import history_bar
from app.components.history_list import history_list
from app.components.turn_panel import turn_panel
from app.state import app_state

state = app_state()
if state.dataset is None:
    dataset_picker(state)
else:
    wanted = history_bar(state)
    turn_panel(state)
    operations, changes = st.columns([5, 8], gap="medium")
    with operations:
        chosen = history_list(state, wanted)
    with changes:
        diff_panel(state, chosen)
