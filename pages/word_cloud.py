"""Word Cloud: which words the captions are made of, as a picture, a list and bars, and the samples behind each word."""

import streamlit as st

from app.samples.scope_bar import scope_bar
from app.session.state import app_state
from app.word_cloud.word_bar import word_bar
from app.word_cloud.word_picture import word_picture
from app.word_cloud.word_samples import word_details

state = app_state()
st.container(key="page-title").title("Word Cloud", anchor=False)
scope_bar(state)
loaded = word_bar(state)
if loaded is not None:
    word_picture(state, loaded)
    word_details(state, loaded)
