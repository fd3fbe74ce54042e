"""What the Clusters page shows when it is opened, and which model makes it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.clusters.making import warm
from app.samples.kept_clusters import Making, latest_making
from app.session.jobs import SERVER, JobKey, find, start
from app.session.state import AppState
from lib import cache
from lib.domain import ClusterSpec
from lib.jobs.runner import Job
from lib.settings import settings
from tests.app.clusters.steps import (
    BARE,
    by_images,
    clusters_page,
    kept,
    press,
    settle,
)
from tests.doubles.dashboard import open_page, texts
from tests.doubles.embedder import ColourEmbedder, WordEmbedder
from tests.doubles.image_folder import image_folder
from tests.doubles.taken_over import taken_over_at


def test_a_missing_model_has_a_way_out_in_one_click(
    photos: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TOOLKIT_SBERT", str(tmp_path / "nowhere"))
    settings.cache_clear()
    cache.embedders.clear()
    cache.clusterer.clear()
    page = clusters_page(photos)
    assert "There is no Sentence-BERT model in" in texts(page)
    assert "TOOLKIT_SBERT" in texts(page)
    by_images(page)
    assert "There is no Sentence-BERT model in" not in texts(page)
    page.button_group(key="clusters.by").set_value("tags").run()
    press(page, "clusters.load")
    press(page, "clusters.instead.tfidf")
    result = kept(photos)
    assert result is not None
    assert result.spec == ClusterSpec("tags", "tfidf", 2)
    assert page.selectbox(key="clusters.method.tags").value == "tfidf"
    assert "There is no Sentence-BERT model in" not in texts(page)


def test_a_missing_model_has_a_way_out_of_suggest_too(
    photos: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TOOLKIT_SBERT", str(tmp_path / "nowhere"))
    settings.cache_clear()
    cache.embedders.clear()
    cache.clusterer.clear()
    page = press(clusters_page(photos), "clusters.suggest")
    assert "There is no Sentence-BERT model in" in texts(page)
    page = press(page, "clusters.suggest.instead.tfidf")
    assert page.selectbox(key="clusters.method.tags").value == "tfidf"
    assert page.button(key="clusters.use_k")


def test_a_missing_model_leaves_the_one_that_is_here(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLKIT_RESNET50V2", str(photos / "nowhere.h5"))
    settings.cache_clear()
    cache.embedders.clear()
    cache.clusterer.clear()
    colours = ColourEmbedder()
    cache.embedders().get("mobilenet", lambda: colours)
    page = open_page(photos, screen="clusters")
    page.button_group(key="clusters.by").set_value("images").run()
    # The one that is here is offered, another one can be asked for.
    assert page.selectbox(key="clusters.method.images").value == "mobilenet"
    page.selectbox(key="clusters.method.images").select("resnet50v2").run()
    page = by_images(page)
    assert "TOOLKIT_RESNET50V2" in texts(page)
    assert page.button(key="clusters.instead.tfidf")
    press(page, "clusters.instead.mobilenet")
    assert "11 samples in 2 clusters" in texts(page)
    assert page.selectbox(key="clusters.method.images").value == "mobilenet"


def test_a_model_that_would_not_fit_says_so_before_it_is_begun_and_has_a_way_out(
    photos: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sbert").mkdir()
    for name in ("config.json", "model.safetensors"):
        (tmp_path / "sbert" / name).write_text("{}")
    monkeypatch.setenv("TOOLKIT_SBERT", str(tmp_path / "sbert"))
    monkeypatch.setenv("TOOLKIT_MEMORY_MB", "50")
    settings.cache_clear()
    cache.embedders.clear()
    cache.clusterer.clear()
    page = open_page(photos, screen="clusters")
    while "is being made ready" in texts(page):
        page.run()
    assert "Sentence-BERT needs about" in texts(page)
    press(page, "clusters.load")
    assert "TOOLKIT_MEMORY_MB" in texts(page)
    press(page, "clusters.instead.tfidf")
    result = kept(photos)
    assert result is not None
    assert result.spec.method == "tfidf"


def test_the_page_opens_with_a_map_by_words_and_offers_the_better_one(
    photos: Path, embedders: tuple[WordEmbedder, ColourEmbedder]
) -> None:
    page = settle(open_page(photos, screen="clusters"))
    assert "10 samples in 8 clusters" in texts(page)
    assert "1 sample takes no part (no tags)" in texts(page)
    assert "This map is by TF-IDF. Load makes one by Sentence-BERT." in texts(page)
    assert page.selectbox(key="clusters.method.tags").value == "sbert"
    # Nobody asked for it: nothing is kept, and the next one is numbered as if it had not been.
    assert kept(photos) is None
    page.number_input(key="clusters.number").set_value(2)
    page = press(page, "clusters.load")
    assert "This map is by TF-IDF" not in texts(page)
    assert embedders[0].batches


def test_a_run_that_is_taken_over_before_the_first_map_was_begun_leaves_it_to_the_next_one(
    photos: Path, embedders: tuple[WordEmbedder, ColourEmbedder], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = taken_over_at("app.clusters.making.start", monkeypatch)
    page = settle(open_page(photos, screen="clusters"))
    assert ended
    assert "10 samples in 8 clusters" in texts(page)
    assert page.selectbox(key="clusters.method.tags").value == "sbert"


def test_a_first_map_that_comes_while_the_page_is_drawn_is_shown_by_itself(
    photos: Path, embedders: tuple[WordEmbedder, ColourEmbedder], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []

    def just_before_its_end(state: AppState) -> Job | None:
        found = latest_making(state)
        if found is not None and found.is_active:
            looked.append(True)
            assert found.wait(20)
        return found

    monkeypatch.setattr("app.clusters.making.latest_making", just_before_its_end)
    monkeypatch.setattr("app.clusters.making.SOON", 0.0)
    page = open_page(photos, screen="clusters")
    assert looked
    assert "10 samples in 8 clusters" in texts(page)


def test_the_page_opens_with_a_map_also_where_another_tab_has_asked_for_what_failed(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RESNET50V2", "MOBILENET"):
        monkeypatch.setenv(f"TOOLKIT_{name}", str(photos / "nowhere.h5"))
    settings.cache_clear()
    cache.embedders.clear()
    cache.clusterer.clear()
    assert "TOOLKIT_RESNET50V2" in texts(by_images(open_page(photos, screen="clusters")))
    assert "10 samples in 8 clusters" in texts(settle(open_page(photos, screen="clusters")))


def test_without_captions_the_page_opens_with_a_map_of_the_pictures(tmp_path: Path) -> None:
    page = settle(open_page(image_folder(tmp_path / "bare", dict.fromkeys(BARE)), screen="clusters"))
    assert page.button_group(key="clusters.by").value == "images"
    assert "5 samples in" in texts(page)


def test_without_captions_or_a_model_the_page_says_what_load_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.embedders.clear()
    for name in ("RESNET50V2", "MOBILENET"):
        monkeypatch.setenv(f"TOOLKIT_{name}", str(tmp_path / "nowhere.h5"))
    settings.cache_clear()
    page = settle(open_page(image_folder(tmp_path / "bare", dict.fromkeys(BARE)), screen="clusters"))
    assert "Load puts 5 images on a map, captioned or not" in texts(page)
    page.button_group(key="clusters.by").set_value("tags").run()
    assert "5 images without readable tags take no part." in texts(page)


def test_a_model_that_is_not_here_is_looked_for_once(
    photos: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TOOLKIT_SBERT", str(tmp_path / "nowhere"))
    settings.cache_clear()
    cache.embedders.clear()
    page = settle(open_page(photos, screen="clusters"))
    looked = find(JobKey("warm", SERVER, detail="sbert", unasked=True))
    assert "Load will try to fetch it" in texts(page)
    settle(page)
    assert find(JobKey("warm", SERVER, detail="sbert", unasked=True)) is looked


def test_a_model_is_made_ready_when_the_page_opens_and_again_after_it_was_let_go(
    photos: Path, embedders: tuple[WordEmbedder, ColourEmbedder]
) -> None:
    page = settle(open_page(photos, screen="clusters"))
    assert (embedders[0].is_loaded, embedders[0].loads) == (True, 1)
    settle(page)
    assert embedders[0].loads == 1
    embedders[0].release()
    for _ in range(100):
        # The page asks for it again in the background, and does not wait for it.
        if settle(page) and embedders[0].loads == 2:
            break
    assert embedders[0].loads == 2


def test_a_model_is_read_after_the_first_map(photos: Path) -> None:
    order: list[str] = []
    cache.embedders.clear()
    cache.embedders().get("sbert", lambda: Noted(order))
    asked = threading.Event()

    def make(job: Job) -> None:
        assert asked.wait(20)
        reading = find(JobKey("warm", SERVER, detail="sbert", unasked=True))
        while reading is not None and reading.state == "queued":
            pass
        order.append("map")

    making = Making((True, ".txt"), "a tab", ClusterSpec(), is_first=True)
    start(JobKey("clusters", "local", photos, making), "Clusters of tags", make)
    reading = warm("sbert")
    asked.set()
    assert reading.wait(20)
    assert order == ["map", "model"]


class Noted(WordEmbedder):
    """Notes when it is read."""

    def __init__(self, order: list[str]) -> None:
        super().__init__()
        self._order = order

    def _load(self) -> object:
        self._order.append("model")
        return super()._load()
