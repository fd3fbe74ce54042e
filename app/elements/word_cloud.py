"""The picture of a word cloud whose words can be clicked: real text, placed as the picture has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from app.elements.element import element
from lib.words import Cloud

_word_cloud = element("word_cloud", "<div class='cloud' role='group'></div>")


def word_cloud(
    cloud: Cloud, *, drawing: str, samples: Mapping[str, int], chosen: str, key: str, on_pick: Callable[[str], None]
) -> None:
    """Show it; `on_pick` is called with the word that was clicked.

    `drawing`: what tells this picture from others. `samples`: in how many each word is. `chosen`: the word that bears
    a mark, "" for none.
    """

    def picked() -> None:
        if (word := st.session_state[key].picked) is not None:
            on_pick(str(word))

    words: list[dict[str, Any]] = [
        {
            "word": one.word,
            "transform": one.transform,
            "size": one.size,
            "strength": one.strength,
            "times": one.count,
            "samples": samples.get(one.word, 0),
        }
        for one in cloud.placed
    ]
    data = {"drawing": drawing, "words": words, "width": cloud.width, "height": cloud.height, "font": cloud.letters}
    _word_cloud(data=data | {"chosen": chosen}, key=key, on_picked_change=picked)
