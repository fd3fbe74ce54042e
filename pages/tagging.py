"""Tagging: walk through a folder, edit each image's tag, have new ones written."""

import streamlit as st

from app.samples.editing import open_image
from app.samples.generate_panel import generate_panel
from app.samples.generation import fill_empty_box
from app.samples.meaning import more_like_this
from app.samples.navigate import enter_scope
from app.samples.scope_bar import scope_bar
from app.samples.text_panel import text_panel
from app.session.open_dataset import current_name, opened
from app.session.state import app_state
from app.tagging.image_stage import image_stage
from app.tagging.tag_panel import tag_panel
from app.tagging.toolbar import toolbar
from app.tagging.vocabulary import completion, vocabulary

state = app_state()
dataset, _ = opened(state)
enter_scope(state)
image = fill_empty_box(state, open_image(state, current_name(state)))
terms, counting = vocabulary(state, dataset)
with st.container():
    scope_bar(state)
toolbar(state, dataset)
with st.container(key="tagging-work"):
    pictures, captions = st.columns([7, 4], gap="medium")
# The text first: a large picture may take its time.
with captions:
    text_panel(state, image, completion(terms), is_first_stop=True)
    generate_panel(state, image)
    more_like_this(state, image.name, key="tagging.like")
    tag_panel(state, image, terms, counting)
with pictures:
    image_stage(state, dataset, image)
