"""Word Cloud: which words the captions are made of, as a picture, a list and bars, and the samples behind each word."""

import streamlit as st

from app.components.dataset_picker import dataset_picker
from app.components.scope_bar import scope_bar
from app.components.toolbar import empty_folder
from app.components.word_bar import word_bar
from app.components.word_picture import word_picture
from app.components.word_samples import word_details
from app.state import app_state

state = app_state()
if state.dataset is None:
    dataset_picker(state)
elif not len(state.dataset):
    empty_folder(state, state.dataset)
else:
    st.title("Word Cloud", anchor=False)
    scope_bar(state)
    loaded = word_bar(state)
    if loaded is not None:
        word_picture(state, loaded)
        word_details(state, loaded)
