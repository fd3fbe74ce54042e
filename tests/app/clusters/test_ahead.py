"""What the first map by words is made from is there before anybody turns to Clusters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.clusters import ahead
from app.session import first_imports
from app.session.jobs import SERVER, JobKey, find
from lib import cache
from lib.jobs.runner import Job
from tests.app.clusters.steps import clusters_page
from tests.doubles.dashboard import healthy, open_page
from tests.doubles.embedder import WordEmbedder
from tests.doubles.image_folder import image_folder


@pytest.fixture
def words() -> WordEmbedder:
    """Stands in for TF-IDF, and takes all captions at once as it does."""
    words = WordEmbedder("tfidf-1")
    words.whole = True
    cache.embedders().get("tfidf", lambda: words)
    return words


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As where app/server.py has imported what a map needs."""
    monkeypatch.setattr(first_imports, "_is_begun", True)
    first_imports._can_make_a_map.set()
    yield
    first_imports._can_make_a_map.clear()


def preparing(folder: Path) -> Job | None:
    return find(JobKey("prepare a map", SERVER, folder, (True, ".txt"), unasked=True))


def prepared(folder: Path) -> Job:
    job = preparing(folder)
    assert job is not None
    assert job.wait(20)
    assert job.error is None
    return job


def tagging(folder: Path) -> AppTest:
    return open_page(folder)


@pytest.mark.usefixtures("imported")
def test_an_open_folder_s_first_map_needs_no_more_preparing(photos: Path, words: WordEmbedder) -> None:
    page = tagging(photos)
    prepared(photos)
    assert len(words.batches) == 1
    page.switch_page("../pages/clusters.py").run()
    assert healthy(page)
    assert len(words.batches) == 1


@pytest.mark.usefixtures("imported")
def test_it_is_done_once_for_an_opening(photos: Path, words: WordEmbedder) -> None:
    page = tagging(photos)
    first = prepared(photos)
    page.run()
    assert preparing(photos) is first


@pytest.mark.usefixtures("imported")
def test_where_clusters_are_kept_or_nothing_is_captioned_nothing_is_prepared(
    photos: Path, words: WordEmbedder, tmp_path: Path
) -> None:
    bare = image_folder(tmp_path / "bare", {"a.jpg": None})
    tagging(bare)
    assert preparing(bare) is None
    clusters_page(photos)
    job = preparing(photos)
    assert job is not None
    assert job.wait(20)
    tagging(photos)
    assert preparing(photos) is job


@pytest.mark.usefixtures("imported")
def test_a_large_folder_is_left_alone(photos: Path, words: WordEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "MOST", 9)
    tagging(photos)
    assert preparing(photos) is None


def test_where_the_imports_are_not_made_ahead_nothing_is_prepared(photos: Path, words: WordEmbedder) -> None:
    tagging(photos)
    prepared(photos)
    assert words.batches == []
