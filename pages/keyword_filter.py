"""Keyword Filter: the samples whose captions hold, or that mean, what is typed, as a gallery or as a table to edit."""

import streamlit as st

from app.keyword_filter.filters import cluster_columns, cluster_note, hits_of
from app.keyword_filter.keyword_bar import keyword_bar
from app.keyword_filter.meaning import likeness_note
from app.samples.caption_table import caption_table
from app.samples.sample_gallery import sample_gallery
from app.session.state import app_state

state = app_state()
st.container(key="page-title").title("Keyword Filter", anchor=False)
records, order, view = keyword_bar(state)
if view == "Table":
    caption_table(state, records, cluster_columns(state))
else:
    spans, note = hits_of(state), likeness_note(state) or cluster_note(state, order)
    sample_gallery(state, records, key="filter", spans_for=spans, note_for=note)
