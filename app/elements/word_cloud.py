"""Word clouds whose words can be clicked: real text, placed as the picture has it. One, or small ones side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.elements.element import element
from lib.text import counted
from lib.words import Cloud, Placed, SmallClouds

_word_clouds = element("word_cloud", "<div class='clouds'></div>")


@dataclass(frozen=True, slots=True)
class CloudGroup:
    """What one of several clouds is of. `samples`: in how many captions of it each word is."""

    title: str
    captions: int
    samples: Mapping[str, int]


def word_cloud(
    cloud: Cloud, *, drawing: str, samples: Mapping[str, int], chosen: str, key: str, on_pick: Callable[[str], None]
) -> None:
    """Show one; `on_pick` is called with the word that was clicked.

    `drawing`: what tells this picture from others. `samples`: in how many each word is. `chosen`: the word that bears
    a mark, "" for none.
    """
    data = {
        "drawing": drawing,
        "clouds": [{"title": "", "told": "Word cloud", "words": _words(cloud.placed, samples)}],
        "view": [0, 0, cloud.width, cloud.height],
        "font": cloud.letters,
        "chosen": [0, chosen] if chosen else None,
    }
    _show(data, key, lambda _, word: on_pick(word))


def small_word_clouds(
    small: SmallClouds,
    groups: Sequence[CloudGroup],
    *,
    drawing: str,
    chosen: tuple[int, str] | None,
    key: str,
    on_pick: Callable[[int, str], None],
) -> None:
    """Show one for each group; `on_pick` is called with the place of a group and the word that was clicked in it."""
    clouds = [
        {
            "title": group.title,
            "note": counted(group.captions, "caption"),
            "told": _told(group, cloud.most),
            "words": _words(cloud.placed, group.samples),
        }
        for cloud, group in zip(small.clouds, groups, strict=True)
    ]
    data = {"drawing": drawing, "clouds": clouds, "view": list(small.view), "font": small.letters}
    _show(data | {"chosen": list(chosen) if chosen else None}, key, on_pick)


def _told(group: CloudGroup, most: Sequence[tuple[str, int]]) -> str:
    """The cloud for those who do not see it."""
    words = ", ".join(f"{word} in {count:,}" for word, count in most) or "no words"
    return f"Word cloud of {group.title}, {counted(group.captions, 'caption')}. Most frequent: {words}"


def _words(placed: Sequence[Placed], samples: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "word": one.word,
            "transform": one.transform,
            "size": one.size,
            "strength": one.strength,
            "times": one.count,
            "samples": samples.get(one.word, 0),
        }
        for one in placed
    ]


def _show(data: Mapping[str, Any], key: str, on_pick: Callable[[int, str], None]) -> None:
    def picked() -> None:
        if (picked := st.session_state[key].picked) is not None:
            place, word = picked
            on_pick(int(place), str(word))

    _word_clouds(data=data, key=key, on_picked_change=picked)
