"""Review: what is wrong with the dataset, worst first, to be mended one after another or many at once."""

import streamlit as st

from app.elements.room_below import room_below
from app.elements.watcher import watch_if_active
from app.review.acting import take_up_mending
from app.review.amending import amend
from app.review.bar import review_bar
from app.review.beside import beside
from app.review.centre import centre
from app.review.kinds import open_kinds
from app.review.listing import kinds_list, notes
from app.review.right_panel import right_panel
from app.session.state import app_state

state = app_state()
take_up_mending(state)
job = review_bar(state)
watch_if_active(amend(state), every=0.3)
room_below("review-window", above="review-head", key="review.room")
kinds = open_kinds(state)
with st.container(horizontal=True, key="review-window"):
    with st.container(key="review-kinds"):
        kinds_list(state, kinds)
        notes(state)
        right_panel(state)
    with st.container(key="review-stage"):
        is_looked_at = centre(state, kinds, job)
    with st.container(key="review-beside"):
        if is_looked_at:
            beside(state)
