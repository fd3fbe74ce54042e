"""Steps on the Clusters page that its tests share."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from app.session.state import AppState
from lib import cache
from lib.clustering import ClusterResult, load_result, result_path
from lib.domain import By
from lib.settings import settings
from tests.doubles.dashboard import healthy, open_page
from tests.doubles.embedder import WordEmbedder

BARE = tuple(f"b{number}.jpg" for number in range(5))


OLDER = "These clusters are older than some"


class SlowWords(WordEmbedder):
    """Waits in its second batch until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.is_waiting, self.may_go_on = threading.Event(), threading.Event()

    def _embed(self, model: Any, batch: list[str]) -> np.ndarray:
        vectors = super()._embed(model, batch)
        if len(self.batches) == 2:
            self.is_waiting.set()
            assert self.may_go_on.wait(20)
        return vectors


def settle(page: AppTest) -> AppTest:
    """Wait for the work in the background, then show the page again."""
    for runner, owner in ((cache.job_runner(), "local"), (cache.background_runner(), "server")):
        for job in runner.of(owner):
            assert job.wait(20)
    page.run()
    assert healthy(page)
    return page


def press(page: AppTest, key: str) -> AppTest:
    return settle(page.button(key=key).click().run())


def clusters_page(folder: Path, k: int = 2) -> AppTest:
    page = open_page(folder, screen="clusters")
    page.number_input(key="clusters.number").set_value(k).run()
    return press(page, "clusters.load")


def go_slow(page: AppTest, button: str = "clusters.load") -> SlowWords:
    """Ask for two clusters of a model that waits in its second batch."""
    slow = SlowWords()
    cache.embedders.clear()
    cache.clusterer.clear()
    cache.embedders().get("sbert", lambda: slow)
    page.number_input(key="clusters.number").set_value(2)
    page.button(key=button).click().run()
    assert slow.is_waiting.wait(10)
    return slow


def by_images(page: AppTest, k: int = 2) -> AppTest:
    page.button_group(key="clusters.by").set_value("images").run()
    page.number_input(key="clusters.number").set_value(k).run()
    return press(page, "clusters.load")


def load_contents(page: AppTest, number: int) -> AppTest:
    next(box for box in page.selectbox if box.label == "Cluster number").select(number)
    return press(page, "clusters.contents.load")


def state_of(page: AppTest) -> AppState:
    state: AppState = page.session_state["app_state"]
    return state


def shown(page: AppTest) -> list[str]:
    """The samples in the gallery."""
    for element in page.get("bidi_component"):
        data = json.loads(element.proto.json)
        if "ticked" in data:
            return [item["name"] for item in data["items"]]
    return []


def kept(folder: Path, by: By = "tags") -> ClusterResult | None:
    return load_result(result_path(settings().owner_folder("local"), folder, by))
