"""Tagging: walk through a folder, edit each image's tag, have new ones written."""

import streamlit as st

from app.components.dataset_picker import dataset_picker
from app.components.generate_panel import generate_panel
from app.components.image_stage import image_stage, navigation
from app.components.scope_bar import walk_line
from app.components.tag_panel import tag_panel
from app.components.text_panel import text_panel
from app.components.toolbar import empty_folder, toolbar
from app.editing import open_image
from app.opening import current_name
from app.state import app_state

state = app_state()
if state.dataset is None:
    dataset_picker(state)
elif not len(state.dataset):
    empty_folder(state, state.dataset)
else:
    image = open_image(state, current_name(state))
    walk_line(state)
    toolbar(state, state.dataset)
    pictures, captions, terms = st.columns([10, 8, 4.2], gap="medium")
    with pictures:
        navigation(state)
        image_stage(state, state.dataset, image)
    with captions:
        text_panel(state, image)
        generate_panel(state, image)
    with terms:
        tag_panel(state, state.dataset, image)
