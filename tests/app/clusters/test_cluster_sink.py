"""The sink of `run cluster` opens as its samples, and the Clusters page shows its map."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.samples.kept_clusters import KeptClusters
from lib.clustering import OF_A_JOB
from tests.app.clusters.steps import OLDER, settle, state_of
from tests.doubles.dashboard import healthy, open_page, texts
from tests.doubles.embedded import cluster_sink_of
from tests.doubles.image_folder import image_folder

CAPTIONS = {f"{number}.jpg": "a dog runs" if number % 2 else "red car" for number in range(8)} | {"bare.jpg": None}


@pytest.fixture
def photos(toolkit_home: Path, tmp_path: Path) -> Path:
    return image_folder(tmp_path / "photos" / "set", CAPTIONS)


def made(page: AppTest) -> str:
    result = state_of(page).of(KeptClusters).results["tags"]
    assert result is not None
    return result.model


def test_a_sink_opens_as_its_samples_with_its_map_and_they_keep_it(photos: Path) -> None:
    sink = cluster_sink_of(photos, photos.parent / "clusters")
    page = settle(settle(open_page(sink, screen="clusters")))
    dataset = state_of(page).dataset
    assert dataset is not None
    assert dataset.root == photos
    assert str(photos) in page.query_params["folder"]
    assert made(page) == OF_A_JOB
    said = texts(page)
    assert "8 samples in 2 clusters" in said
    assert "1 sample takes no part (no caption)" in said
    assert "This map is by “captioner run cluster”." in said
    assert "silhouette" not in said
    assert OLDER not in said
    assert made(settle(open_page(photos, screen="clusters"))) == OF_A_JOB


def test_clusters_of_pictures_are_in_front_where_pictures_were_embedded(photos: Path) -> None:
    sink = cluster_sink_of(photos, photos.parent / "clusters", "images")
    page = settle(settle(open_page(sink, screen="clusters")))
    assert page.button_group(key="clusters.by").value == "images"
    assert "9 samples in 2 clusters" in texts(page)
    assert OLDER not in texts(page)


def test_samples_that_are_gone_are_told_and_nothing_is_opened(photos: Path) -> None:
    sink = cluster_sink_of(photos, photos.parent / "clusters")
    photos.rename(photos.with_name("moved"))
    page = open_page(sink)
    assert state_of(page).dataset is None
    assert "holds clusters, and no captions. Its samples lie in" in texts(page)


def test_a_map_of_other_samples_says_so_and_they_open_all_the_same(photos: Path) -> None:
    sink = cluster_sink_of(photos, photos.parent / "clusters")
    facts = json.loads((sink.with_name("clusters-vectors") / "_job.json").read_text())
    other = image_folder(photos.parent / "other", {"x.jpg": "a dog", "y.jpg": "a cat"})
    (sink.with_name("clusters-vectors") / "_job.json").write_text(json.dumps(facts | {"source": str(other)}))
    page = settle(open_page(sink, screen="clusters"))
    assert healthy(page)
    assert "None of the 9 samples of “clusters” is in" in texts(page)
