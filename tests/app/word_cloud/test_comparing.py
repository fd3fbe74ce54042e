"""Words compared: the scope with the rest, filters, folders and clusters side by side."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from app.keyword_filter.filters import save_filter
from app.samples.cluster_choices import ClusterChoice
from app.samples.kept_clusters import KeptClusters
from app.session.messages import plain
from app.word_cloud import word_counts, word_search
from lib.preferences import Preferences
from lib.scope import Scope
from lib.settings import settings
from tests.app.word_cloud.steps import (
    DOGS,
    FIRST,
    MEN,
    SECOND,
    drawn,
    found,
    loaded_page,
    press,
    result,
    state_of,
)
from tests.doubles.clusters import keep_clusters
from tests.doubles.dashboard import healthy, open_page, open_scope, settle, texts
from tests.doubles.image_folder import image_folder


def test_the_scope_is_compared_with_the_rest_and_with_a_saved_filter(folder: Path) -> None:
    page = open_page(folder, screen="word_cloud")
    state_of(page).scope = Scope(query="man")
    save_filter(state_of(page), "people")
    open_scope(page).text_input(key="scope.query").set_value("sofa").run()
    page.selectbox(key="words.against").select(word_counts.REST)
    press(page)
    against_rest = {one.term: one.score for one in result(page).typical}
    assert against_rest["sofa"] > 0 > against_rest["man"]
    page.selectbox(key="words.against").select("people")
    press(page)
    against_people = {one.term: one.score for one in result(page).typical}
    assert against_people == pytest.approx(against_rest)


@pytest.mark.parametrize(("against", "label"), [(word_counts.REST, word_counts.REST), ("people", "people")])
def test_a_bar_typical_of_the_other_side_shows_the_samples_of_that_side(folder: Path, against: str, label: str) -> None:
    page = open_page(folder, screen="word_cloud")
    state_of(page).scope = Scope(query="man")
    save_filter(state_of(page), "people")
    open_scope(page).text_input(key="scope.query").set_value("sofa").run()
    page.selectbox(key="words.against").select(against)
    press(page)
    word_search.find_typical(state_of(page), result(page), "red")
    assert found(settle(page)) == ["c.jpg", "d.jpg"]
    word_search.find_typical(state_of(page), result(page), "car")
    assert found(settle(page)) == ["b.jpg", "sub/e.jpg"]
    assert f"“car” · {label}" in texts(page)
    page.button(key="words.use").click().run()
    scope = state_of(page).scope
    assert (scope.names, scope.label) == ({"b.jpg", "sub/e.jpg"}, f"{label} · with “car”")


def test_a_bar_typical_of_another_cluster_shows_the_samples_of_that_cluster(folder: Path) -> None:
    keep_clusters(settings(), folder, [MEN, DOGS])
    page = open_page(folder, screen="word_cloud")
    page.selectbox(key="words.cluster").select(SECOND)
    page.selectbox(key="words.against").select(FIRST)
    press(page)
    word_search.find_typical(state_of(page), result(page), "boat")
    assert found(settle(page)) == ["a.jpg"]
    assert "“boat” · Cluster 0 – word0" in texts(page)


def test_list_comparison_and_groups_count_the_same_plurals(tmp_path: Path) -> None:
    captions = {"in/a.jpg": "dogs run", "in/b.jpg": "dogs sleep", "out/c.jpg": "dog sits", "out/d.jpg": "owls"}
    page = open_page(image_folder(tmp_path / "plurals", captions), screen="word_cloud")
    page.checkbox(key="words.plurals").check()
    open_scope(page).selectbox(key="scope.folder").select("in").run()
    page.selectbox(key="words.against").select(word_counts.REST)
    page.selectbox(key="words.by").select("Folders")
    press(page)
    assert result(page).counts.counted == {"dog": 2, "run": 1, "sleep": 1}
    assert next((one.here, one.there) for one in result(page).typical if one.term == "dog") == (2, 1)
    assert {side.name: side.counts.counted["dog"] for side in result(page).sides} == {"in": 2}
    word_search.find_term(state_of(page), result(page), "dog")
    assert found(settle(page)) == ["in/a.jpg", "in/b.jpg"]


def test_folders_and_saved_filters_are_shown_side_by_side(folder: Path) -> None:
    page = open_page(folder, screen="word_cloud")
    for query in ("man", "sofa"):
        state_of(page).scope = Scope(query=query)
        save_filter(state_of(page), f"filter {query}")
    state_of(page).scope = Scope()
    page.run()
    page.selectbox(key="words.by").select("Folders")
    press(page)
    assert {side.name: side.counts.total for side in result(page).sides} == {"(top folder)": 12, "sub": 2}
    page.selectbox(key="words.by").select("Saved filters")
    press(page)
    assert {side.name: side.counts.top(1) for side in result(page).sides} == {
        "filter man": {"man": 3},
        "filter sofa": {"red": 2},
    }
    assert healthy(page)
    assert [cloud["title"] for cloud in drawn(page)["clouds"]] == ["filter man", "filter sofa"]
    assert drawn(page)["clouds"][0]["told"] == (
        "Word cloud of filter man, 3 captions. Most frequent: man in 3, car in 2, boat in 1, red in 1"
    )
    page.button_group(key="words.picture").set_value("One cloud").run()
    assert [cloud["told"] for cloud in drawn(page)["clouds"]] == ["Word cloud"]


def test_a_word_of_one_of_the_clouds_shows_the_samples_of_its_group(folder: Path) -> None:
    keep_clusters(settings(), folder, [MEN, DOGS])
    page = open_page(folder, screen="word_cloud")
    page.selectbox(key="words.by").select("Clusters of tags")
    press(page)
    assert [cloud["title"] for cloud in drawn(page)["clouds"]] == ["0 – word0", "1 – word1"]
    word_search.find_in_side(state_of(page), result(page), 1, "red")
    settle(page)
    assert found(page) == DOGS
    assert "“red” · 1 – word1" in texts(page)
    assert drawn(page)["chosen"] == [1, "red"]
    page.button(key="words.use").click().run()
    assert (state_of(page).scope.names, state_of(page).scope.label) == (set(DOGS), "Cluster 1 – word1 · with “red”")


def test_the_scope_and_the_rest_are_two_clouds(folder: Path) -> None:
    page = open_page(folder, screen="word_cloud")
    state_of(page).scope = Scope(query="sofa")
    page.run()
    page.selectbox(key="words.against").select(word_counts.REST)
    press(page)
    assert [cloud["title"] for cloud in drawn(page)["clouds"]] == ["matches sofa", word_counts.REST]
    word_search.find_in_side(state_of(page), result(page), 1, "man")
    assert found(settle(page)) == MEN


def test_one_cluster_is_counted_within_the_scope(folder: Path) -> None:
    keep_clusters(settings(), folder, [MEN, DOGS])
    page = open_page(folder, screen="word_cloud")
    assert page.selectbox(key="words.cluster").options == ["All", "Tags: 0 – word0 (3)", "Tags: 1 – word1 (2)"]
    page.selectbox(key="words.cluster").select(FIRST)
    press(page)
    assert result(page).counts.counted == {"man": 3, "boat": 2, "car": 2, "red": 1}
    assert plain("Cluster 0 – word0: 3 captions") in texts(page)
    assert state_of(page).scope == Scope()
    open_scope(page).text_input(key="scope.query").set_value("boat").run()
    assert "have changed since" in texts(page)
    press(page)
    assert result(page).counts.counted == {"man": 1, "boat": 2, "red": 1}
    word_search.find_term(state_of(page), result(page), "boat")
    settle(page).button(key="words.use").click().run()
    scope = state_of(page).scope
    assert (scope.names, scope.label) == ({"a.jpg"}, "Cluster 0 – word0 · matches boat · with “boat”")


def test_a_cluster_is_counted_within_chosen_images(folder: Path) -> None:
    keep_clusters(settings(), folder, [MEN, DOGS])
    page = open_page(folder, screen="word_cloud")
    state_of(page).scope = Scope(names=frozenset({"b.jpg", "c.jpg"}))
    page.run().selectbox(key="words.cluster").select(FIRST)
    press(page)
    assert result(page).counts.counted == {"man": 1, "car": 1}
    assert plain("2 chosen images · Cluster 0 – word0: 1 caption, ") in texts(page)


def test_a_cluster_is_compared_with_another_and_with_the_rest(folder: Path) -> None:
    keep_clusters(settings(), folder, [MEN, DOGS])
    page = open_page(folder, screen="word_cloud")
    page.selectbox(key="words.cluster").select(SECOND)
    page.selectbox(key="words.against").select(FIRST)
    press(page)
    against_men = {one.term: one.score for one in result(page).typical}
    assert against_men["sofa"] > 0 > against_men["man"]
    page.selectbox(key="words.against").select(word_counts.REST)
    press(page)
    # Of two clusters that hold the whole folder, the one is the rest of the other.
    assert {one.term: one.score for one in result(page).typical} == pytest.approx(against_men)
    page.button_group(key="words.view").set_value("Typical words").run()
    assert healthy(page)


def test_a_cluster_is_not_compared_with_itself(folder: Path) -> None:
    keep_clusters(settings(), folder, [MEN, DOGS])
    page = open_page(folder, screen="word_cloud")
    page.selectbox(key="words.against").select(FIRST).run()
    page.selectbox(key="words.cluster").select(FIRST).run()
    assert healthy(page)
    assert page.selectbox(key="words.against").value == ""


def test_all_clusters_are_shown_side_by_side_page_by_page(tmp_path: Path) -> None:
    names = [f"p{number:02d}.jpg" for number in range(14)]
    many = image_folder(tmp_path / "many", {name: f"thing{name[1:3]} here" for name in [*names, "out.jpg"]})
    keep_clusters(settings(), many, [[name] for name in names], "images")
    page = open_page(many, screen="word_cloud")
    page.selectbox(key="words.cluster").select(ClusterChoice("images", 3))
    page.selectbox(key="words.by").select("Clusters of images")
    press(page)
    counted = {side.name: set(side.counts.counted) for side in result(page).sides}
    assert counted == {f"{number} – word{number}": {f"thing{number:02d}"} for number in range(14)}
    assert healthy(page)
    assert {cloud["title"] for cloud in drawn(page)["clouds"]} == {f"{number} – word{number}" for number in range(12)}


def test_new_clusters_make_a_count_of_clusters_stale_and_no_other(folder: Path) -> None:
    keep_clusters(settings(), folder, [MEN, DOGS])
    page = loaded_page(folder)
    state_of(page).of(KeptClusters).results["tags"] = keep_clusters(settings(), folder, [DOGS, MEN])
    assert "have changed since" not in texts(page.run())
    page.selectbox(key="words.by").select("Clusters of tags")
    press(page)
    assert "have changed since" not in texts(page)
    state_of(page).of(KeptClusters).results["tags"] = keep_clusters(settings(), folder, [MEN, DOGS])
    assert "have changed since" in texts(page.run())


def test_a_folder_without_clusters_leads_to_them_and_forgets_the_choice(folder: Path, tmp_path: Path) -> None:
    keep_clusters(settings(), folder, [MEN, DOGS])
    page = open_page(folder, screen="word_cloud")
    page.selectbox(key="words.cluster").select(FIRST)
    press(page)
    page.button(key="shell.close").click().run()
    page.text_input(key="picker.path").set_value(str(image_folder(tmp_path / "other", 2))).run()
    page.button(key="picker.select").click().run()
    press(page)
    assert result(page).captions == 2
    page.button(key="words.clusters").click().run()
    assert healthy(page)
    assert [title.value for title in page.title] == ["Clusters"]


def test_a_rest_is_offered_where_there_is_one(folder: Path) -> None:
    page = open_page(folder, screen="word_cloud")
    assert word_counts.REST not in page.selectbox(key="words.against").options
    state_of(page).scope = Scope(query="dog OR man OR sofa")
    page.run()
    page.selectbox(key="words.against").select(word_counts.REST)
    press(page)
    # A scope that holds all of the folder leaves none after all.
    assert "There is no rest to compare with: the whole folder is counted." in texts(page)
    open_scope(page).text_input(key="scope.query").set_value("no such word").run()
    press(page)
    assert "one of the two sides has no words" in texts(page)
    open_scope(page).text_input(key="scope.query").set_value("sofa").run()
    press(page)
    assert "to compare" not in texts(page)


def test_saved_filters_are_looked_for_in_the_job(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Preferences(settings().owner_folder("local"))
    kept.save_filter("cars", {"q": "car"})
    kept.save_filter("sofas", {"q": "sofa"})
    threads: list[str] = []
    real = word_counts.select_in

    def noting(*args: Any) -> Any:
        threads.append(threading.current_thread().name.partition("_")[0])
        return real(*args)

    monkeypatch.setattr(word_counts, "select_in", noting)
    page = open_page(folder, screen="word_cloud")
    page.selectbox(key="words.by").select("Saved filters")
    page.selectbox(key="words.against").select("sofas")
    press(page)
    assert threads == ["job", "job", "job"]
    assert {side.name: side.counts.total for side in result(page).sides} == {"cars": 4, "sofas": 6}
