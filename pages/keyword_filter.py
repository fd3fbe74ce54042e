"""Keyword Filter: the samples whose captions hold what is typed, as a gallery or as a table to edit."""

import streamlit as st

from app.components.caption_table import caption_table
from app.components.dataset_picker import dataset_picker
from app.components.keyword_bar import keyword_bar
from app.components.sample_gallery import sample_gallery
from app.components.toolbar import empty_folder
from app.filtering import cluster_columns, cluster_note, hits_of
from app.state import app_state

state = app_state()
if state.dataset is None:
    dataset_picker(state)
elif not len(state.dataset):
    empty_folder(state, state.dataset)
else:
    st.title("Keyword Filter", anchor=False)
    records, order, view = keyword_bar(state)
    if view == "Table":
        caption_table(state, records, cluster_columns(state))
    else:
        spans, note = hits_of(state), cluster_note(state, order)
        sample_gallery(state, records, key="filter", spans_for=spans, note_for=note)
