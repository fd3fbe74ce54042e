"""The Clusters page shows what is in scope, and takes it along with a cluster."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.clusters.in_scope import records_of
from app.clusters.lighting import lit_names
from app.clusters.map import load_selected, map_points
from app.clusters.state import ClustersState
from app.samples.kept_clusters import KeptClusters
from app.samples.scope import KEYS, set_scope
from app.session.state import AppState
from lib.errors import WriteFailed
from lib.scope import Scope
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
    """How many points of each cluster are bright."""
    state = state_of(page)
    result = state.of(KeptClusters).results["tags"]
    assert result is not None
    traces = json.loads(map_points(state, result, "light", lit_names(state)).traces)
    return {trace["name"]: len(trace.get("selectedpoints", trace["x"])) for trace in traces}


def load_contents(page: AppTest, number: int) -> AppTest:
    page.selectbox(key=f"clusters.cluster.{state_of(page).of(KeptClusters).results['tags'].id}").set_value(number)
    page.button(key="clusters.contents.load").click().run()
    assert healthy(page)
    return page


def choose_snow(page: AppTest) -> AppTest:
    """Make it the scope, as another page does."""
    set_scope(state_of(page), Scope(query="snow"))
    return page.run()


def test_the_map_lights_up_what_is_in_scope(page: AppTest) -> None:
    assert lit(page) == {"0 word0": 3, "1 word1": 2}
    choose_snow(page)
    assert healthy(page)
    assert "3 of 5" in texts(page)
    assert lit(page) == {"0 word0": 1, "1 word1": 2}
    assert "1 of 3" in texts(page)


def test_the_scope_is_chosen_beside_the_map_as_on_the_other_pages(page: AppTest) -> None:
    assert "All 5 images" in texts(page)
    page.button(key="scope.change").click().run()
    page.text_input(key=KEYS["query"]).set_value("snow").run()
    assert healthy(page)
    assert state_of(page).scope == Scope(query="snow")
    assert lit(page) == {"0 word0": 1, "1 word1": 2}
    page.button(key="scope.clear").click().run()
    assert lit(page) == {"0 word0": 3, "1 word1": 2}


def test_what_is_lit_up_is_seen_on_the_map_and_is_nobodys_scope(page: AppTest) -> None:
    page.text_input(key="clusters.light").set_value("snow").run()
    assert healthy(page)
    assert lit(page) == {"0 word0": 1, "1 word1": 2}
    assert "3 of 5 lit" in texts(page)
    assert state_of(page).scope == Scope()
    load_contents(page, 0)
    assert "Cluster 0 – word0: 3 samples" in texts(page)
    page.switch_page("../pages/bulk_ops.py").run()
    assert "3 of 5" not in texts(page)
    page.switch_page("../pages/clusters.py").run()
    assert "3 of 5 lit" in texts(page)
    page.button(key="clusters.light.clear").click().run()
    assert lit(page) == {"0 word0": 3, "1 word1": 2}


def test_what_is_lit_up_becomes_the_scope_when_it_is_told_to(page: AppTest) -> None:
    page.text_input(key="clusters.light").set_value("snow").run()
    page.button(key="clusters.light.use").click().run()
    assert healthy(page)
    assert (state_of(page).scope, page.text_input(key="clusters.light").value) == (Scope(query="snow"), "")
    page.text_input(key="clusters.light").set_value("dog").run()
    assert lit(page) == {"0 word0": 0, "1 word1": 2}
    page.button(key="clusters.light.use").click().run()
    wanted = Scope(query="snow", names=frozenset(["d.jpg", "e.jpg"]), label="matches dog")
    assert state_of(page).scope == wanted


def test_a_cluster_shows_and_takes_along_what_is_in_scope(page: AppTest) -> None:
    choose_snow(page)
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
    assert lit(page) == {"0 word0": 3, "1 word1": 0}
    load_contents(page, 1)
    assert "Cluster 1 – word1: 2 samples" in texts(page)
    page.button(key="clusters.to.export").click().run()
    assert "2 of 5" in texts(page)


def test_a_query_that_cannot_be_used_is_told_and_the_map_stays_as_it_was(page: AppTest) -> None:
    page.text_input(key="clusters.light").set_value("snow").run()
    page.text_input(key="clusters.light").set_value("(snow").run()
    assert healthy(page)
    assert "bracket" in texts(page)
    assert lit(page) == {"0 word0": 1, "1 word1": 2}


def test_a_selection_takes_the_lit_samples_only(page: AppTest) -> None:
    page.text_input(key="clusters.light").set_value("snow").run()
    state = state_of(page)
    result = state.of(KeptClusters).results["tags"]
    assert result is not None
    load_selected(state, result, [0, 1, 2, 3])
    assert state.of(ClustersState).contents is not None
    assert state.of(ClustersState).contents.names == ("c.jpg", "d.jpg")


def test_what_is_seen_of_a_cluster_is_what_goes_on(page: AppTest, photos: Path) -> None:
    state = state_of(page)
    result = state.of(KeptClusters).results["tags"]
    assert result is not None
    clusters = (replace(result.clusters[0], typical=(1,)), result.clusters[1])
    state.of(KeptClusters).results["tags"] = replace(result, clusters=clusters)
    load_contents(page, 0)
    page.button_group(key="clusters.order").set_value("Typical").run()
    page.button(key="clusters.to.bulk_ops").click().run()
    assert state_of(page).scope.names == frozenset(["b.jpg"])


def test_a_scope_whose_link_cannot_be_kept_is_the_scope_all_the_same(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise WriteFailed("The disk is full.", "Free some space.")

    load_contents(page, 1)
    monkeypatch.setattr("lib.preferences.Preferences.keep_selection", refuse)
    page.button(key="clusters.to.bulk_ops").click().run()
    assert "2 of 5" in texts(page)


def test_a_pattern_is_tried_on_the_samples_of_a_cluster_alone(page: AppTest, photos: Path) -> None:
    state = state_of(page)
    set_scope(state, Scope(query="snow", names=frozenset(["c.jpg", "d.jpg"]), label="chosen"))
    assert [record.name for record in records_of(state, ["a.jpg", "c.jpg"])] == ["c.jpg"]
    assert state.of(ClustersState).in_scope is not None
    assert state.of(ClustersState).in_scope.scope.names == frozenset(["a.jpg", "c.jpg"])
