"""What the captions are to hold, not to hold, and to begin with, as it is typed."""

from __future__ import annotations

import streamlit as st

from app.samples.model_field import field_text
from lib.wishes import Wishes

_MUST = "generate.must"
_MUST_NOT = "generate.must_not"
_STARTS = "generate.starts"


def wish_fields() -> None:
    """Three fields in an expander, which says of itself when one is filled."""
    wishes = present_wishes()
    with st.expander(
        "Wishes for the text" + (" (on)" if wishes else ""), icon=":material/rule:", key="generate.wishes"
    ):
        for label, key, example in (
            ("It must hold", _MUST, "dog, beach"),
            ("It must not hold", _MUST_NOT, "image, photo"),
            ("It begins with", _STARTS, "A photo of"),
        ):
            st.text_input(label, key=key, placeholder=example, persist_state="session")
        st.caption(
            "Words or phrases with commas between. A caption that misses a wish is asked for once more;"
            " what still misses it is saved and marked."
        )


def present_wishes() -> Wishes:
    """What the fields hold now."""
    return Wishes.typed(field_text(_MUST), field_text(_MUST_NOT), field_text(_STARTS))
