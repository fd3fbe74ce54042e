"""Steps on the Word Cloud page that its tests share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from app.samples.cluster_choices import ClusterChoice
from app.word_cloud import word_counts
from app.word_cloud.state import WordsState
from tests.doubles.dashboard import open_page, settle


def press(page: AppTest) -> AppTest:
    return settle(page.button(key="words.load").click().run())


def loaded_page(folder: Path) -> AppTest:
    return press(open_page(folder, screen="word_cloud"))


def state_of(page: AppTest) -> Any:
    return page.session_state["app_state"]


def result(page: AppTest) -> word_counts.Loaded:
    return state_of(page).of(WordsState).loaded.result


def drawn(page: AppTest) -> dict[str, Any]:
    """What the picture was given."""
    shown = (json.loads(element.proto.json) for element in page.get("bidi_component"))
    return next(data for data in shown if "drawing" in data)


def found(page: AppTest) -> list[str]:
    shown = [json.loads(element.proto.json) for element in page.get("bidi_component")]
    return next(([item["name"] for item in data["items"]] for data in shown if "ticked" in data), [])


MEN, DOGS = ["a.jpg", "b.jpg", "sub/e.jpg"], ["c.jpg", "d.jpg"]


FIRST, SECOND = ClusterChoice("tags", 0), ClusterChoice("tags", 1)
