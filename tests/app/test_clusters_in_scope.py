"""The Clusters page shows what is in scope, and takes it along with a cluster."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.cluster_scope import names_in_scope
from app.clusters import map_points
from app.state import AppState
from lib.settings import settings
from tests.doubles.clusters import keep_clusters
from tests.doubles.dashboard import healthy, open_page, texts
from tests.doubles.image_folder import image_folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Cluster 0 holds two cats on a sofa and one in the snow, cluster 1 two dogs in the snow."""
    captions = {"a.jpg": "cat, sofa", "b.jpg": "cat, sofa", "c.jpg": "cat, snow"}
    return image_folder(tmp_path / "photos", captions | {"d.jpg": "dog, snow", "e.jpg": "dog, snow"})


@pytest.fixture
def page(photos: Path) -> AppTest:
    keep_clusters(settings(), photos, [["a.jpg", "b.jpg", "c.jpg"], ["d.jpg", "e.jpg"]])
    page = open_page(photos).switch_page("../pages/clusters.py").run()
    assert healthy(page)
    return page


def state_of(page: AppTest) -> AppState:
    state = page.session_state["app_state"]
    assert isinstance(state, AppState)
    return state


def lit(page: AppTest) -> dict[str, int]:
    """How many points of the map are in each cluster's colour, and how many are grey."""
    state = state_of(page)
    result = state.clusters.results["tags"]
    assert result is not None
    points = map_points(state, result, "light", names_in_scope(state))
    names = [trace["name"] for trace in json.loads(points.traces)]
    return dict(zip(names, map(len, points.rows), strict=True))


def load_contents(page: AppTest, number: int) -> AppTest:
    page.selectbox(key=f"clusters.cluster.{state_of(page).clusters.results['tags'].id}").set_value(number)
    page.button(key="clusters.contents.load").click().run()
    assert healthy(page)
    return page


def test_the_map_lights_up_what_is_in_scope(page: AppTest) -> None:
    assert lit(page) == {"0 word0": 3, "1 word1": 2}
    page.text_input(key="scope.query").set_value("snow").run()
    assert healthy(page)
    assert "3 of 5" in texts(page)
    assert lit(page) == {"not in scope": 2, "0 word0": 1, "1 word1": 2}
    assert "1 of 3" in texts(page)


def test_a_cluster_shows_and_takes_along_what_is_in_scope(page: AppTest) -> None:
    page.text_input(key="scope.query").set_value("snow").run()
    load_contents(page, 0)
    assert "1 of 3 samples in scope" in texts(page)
    page.button(key="clusters.to.bulk_ops").click().run()
    assert healthy(page)
    assert "1 of 5" in texts(page)
    assert state_of(page).scope.query == "snow"


def test_another_cluster_takes_the_place_of_the_one_in_scope(page: AppTest) -> None:
    load_contents(page, 0)
    page.button(key="clusters.to.bulk_ops").click().run()
    page.switch_page("../pages/clusters.py").run()
    assert lit(page) == {"not in scope": 2, "0 word0": 3, "1 word1": 0}
    load_contents(page, 1)
    assert "Cluster 1 word1: 2 samples" in texts(page)
    page.button(key="clusters.to.export").click().run()
    assert "2 of 5" in texts(page)


def test_a_query_that_cannot_be_used_is_told_and_the_map_stays_as_it_was(page: AppTest) -> None:
    page.text_input(key="scope.query").set_value("snow").run()
    page.text_input(key="scope.query").set_value("(snow").run()
    assert healthy(page)
    assert "bracket" in texts(page)
    assert lit(page)["not in scope"] == 2
