"""The Clusters page's logic, from app/main.py down to the files."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.clusters.map import bright_names, load_selected, open_clicked
from app.clusters.state import ClustersState
from app.samples.editing import rename
from app.samples.kept_clusters import KeptClusters
from app.session.jobs import SERVER, JobKey, find
from app.session.state import AppState
from lib import cache
from lib.clustering import ClusterResult, load_result, result_path, save_result
from lib.domain import By, ClusterSpec
from lib.settings import settings
from tests.app.clusters.conftest import CATS
from tests.doubles.clusters import keep_clusters
from tests.doubles.dashboard import healthy, open_page, texts
from tests.doubles.embedder import ColourEmbedder, WordEmbedder
from tests.doubles.image_folder import age, draw_image, image_folder

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


def test_the_tagging_page_leads_to_the_clusters(photos: Path) -> None:
    page = open_page(photos)
    page.button(key="tagging.visualize").click().run()
    assert [title.value for title in page.title] == ["Clusters"]
    assert page.button_group(key="clusters.by").value == "tags"


def test_without_a_folder_the_page_offers_one() -> None:
    page = open_page(screen="clusters")
    assert page.button(key="picker.sample")


def test_load_makes_clusters_of_the_tagged_and_says_who_is_left_out(photos: Path) -> None:
    page = clusters_page(photos)
    said = texts(page)
    assert "10 samples in 2 clusters" in said
    assert "9 dimensions hold 100% of the variance" in said
    assert "1 sample was left out (no tags)" in said
    result = kept(photos)
    assert result is not None
    assert [set(result.members(number)) for number in (0, 1)] == [
        {f"c{n}.jpg" for n in range(6)},
        {f"d{n}.jpg" for n in range(4)},
    ]


def test_slider_and_number_box_are_one_setting(photos: Path) -> None:
    page = open_page(photos, screen="clusters")
    page.slider(key="clusters.slider").set_value(5).run()
    assert page.number_input(key="clusters.number").value == 5
    page.number_input(key="clusters.number").set_value(120).run()
    slider = page.slider(key="clusters.slider")
    assert (slider.value, slider.max) == (120, 120)
    assert state_of(page).of(ClustersState).spec == ClusterSpec("tags", "sbert", 120)
    slider.set_value(90).run()
    slider = page.slider(key="clusters.slider")
    assert (slider.value, slider.max, page.number_input(key="clusters.number").value) == (90, 120, 90)


def test_a_second_move_before_the_other_field_has_followed_counts(photos: Path) -> None:
    page = open_page(photos, screen="clusters")
    page.slider(key="clusters.slider").set_value(20).run()
    page.slider(key="clusters.slider").set_value(30)
    page.number_input(key="clusters.number").set_value(8).run()
    assert state_of(page).of(ClustersState).spec == ClusterSpec("tags", "sbert", 30)
    page.number_input(key="clusters.number").set_value(5).run()
    page.number_input(key="clusters.number").set_value(7)
    page.slider(key="clusters.slider").set_value(30).run()
    assert state_of(page).of(ClustersState).spec == ClusterSpec("tags", "sbert", 7)
    page.slider(key="clusters.slider").set_value(30)
    press(page, "clusters.load")
    assert state_of(page).of(ClustersState).spec == ClusterSpec("tags", "sbert", 7)


def test_a_number_typed_just_before_load_is_the_one_that_counts(photos: Path) -> None:
    page = open_page(photos, screen="clusters")
    page.number_input(key="clusters.number").set_value(3)
    press(page, "clusters.load")
    result = kept(photos)
    assert result is not None
    assert len(result.clusters) == 3


def test_more_clusters_than_samples_is_a_clear_message_and_keeps_the_map(photos: Path) -> None:
    page = clusters_page(photos)
    page.number_input(key="clusters.number").set_value(11)
    press(page, "clusters.load")
    assert "11 clusters cannot be made of 10 tagged samples." in texts(page)
    assert "10 samples in 2 clusters" in texts(page)


def test_a_folder_without_tags_is_told_so(tmp_path: Path) -> None:
    page = open_page(image_folder(tmp_path / "bare", {"a.jpg": None}), screen="clusters")
    page.button_group(key="clusters.by").set_value("tags").run()
    press(page, "clusters.load")
    assert "The only image here has no tags." in texts(page)


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
    assert "1 sample was left out (no tags)" in texts(page)
    assert "This map is by TF-IDF. Load makes one by Sentence-BERT." in texts(page)
    assert page.selectbox(key="clusters.method.tags").value == "sbert"
    # Nobody asked for it: nothing is kept, and the next one is numbered as if it had not been.
    assert kept(photos) is None
    page.number_input(key="clusters.number").set_value(2)
    page = press(page, "clusters.load")
    assert "This map is by TF-IDF" not in texts(page)
    assert embedders[0].batches


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
    assert "5 images without readable tags are left out." in texts(page)


def test_both_bases_show_what_was_loaded(photos: Path) -> None:
    page = by_images(clusters_page(photos))
    state, result = state_of(page), kept(photos, "images")
    assert result is not None
    load_selected(state, result, [result.names.index(name) for name in ("c1.jpg", "d1.jpg")])
    for by in ("tags", "images"):
        page.button_group(key="clusters.by").set_value(by).run()
        shown_now = state.of(KeptClusters).results[by]
        assert bright_names(state, shown_now) == {"c1.jpg", "d1.jpg"}
        assert shown(page) == ["c1.jpg", "d1.jpg"]


def test_a_cluster_of_pictures_is_no_cluster_on_the_map_of_captions(photos: Path) -> None:
    page = by_images(clusters_page(photos))
    load_contents(page, 1)
    assert page.button_group(key="clusters.order")
    held = shown(page)
    page.button_group(key="clusters.by").set_value("tags").run()
    assert healthy(page)
    assert shown(page) == held
    # Typical of what, this map could not say.
    assert "clusters.order" not in {group.key for group in page.button_group}


def test_a_row_that_is_pointed_at_stands_out_until_the_mouse_has_left(photos: Path) -> None:
    page = clusters_page(photos)
    state, result = state_of(page), kept(photos)
    assert result is not None
    state.of(ClustersState).pointed = (result.id, 1)
    assert bright_names(state, result) == set(result.members(1))
    assert bright_names(state, replace(result, spec=result.spec)) == set(result.members(1))
    state.of(ClustersState).pointed = ("another", 1)
    assert bright_names(state, result) is None


def test_a_new_number_of_clusters_leaves_every_point_where_it_was(photos: Path) -> None:
    page = clusters_page(photos)
    before = kept(photos)
    page.number_input(key="clusters.number").set_value(4)
    press(page, "clusters.load")
    after = kept(photos)
    assert before is not None
    assert after is not None
    np.testing.assert_array_equal(before.points, after.points)
    assert after.layout_id == before.layout_id


def test_another_layout_is_another_map(photos: Path) -> None:
    page = clusters_page(photos)
    page.selectbox(key="clusters.layout").select("axes").run()
    press(page, "clusters.load")
    result = kept(photos)
    assert result is not None
    assert (result.layout, result.spec.layout) == ("axes", "axes")


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


def test_clusters_and_their_settings_are_there_again_in_another_session(photos: Path) -> None:
    by_images(clusters_page(photos), 3)
    cache.job_runner.clear()
    page = open_page(photos, screen="clusters")
    assert page.button_group(key="clusters.by").value == "images"
    assert page.number_input(key="clusters.number").value == 3
    page.button_group(key="clusters.by").set_value("tags").run()
    assert page.number_input(key="clusters.number").value == 2
    assert "10 samples in 2 clusters" in texts(page)


def test_a_refresh_finds_clusters_that_were_made_meanwhile(photos: Path) -> None:
    first = open_page(photos, screen="clusters")
    second = open_page(photos, screen="clusters")
    first.number_input(key="clusters.number").set_value(2)
    press(first, "clusters.load")
    assert "10 samples in 2 clusters" in texts(second.run())


def test_each_tab_shows_what_was_loaded_in_it(photos: Path) -> None:
    first, second = clusters_page(photos), clusters_page(photos, 3)
    settle(first)
    assert "10 samples in 2 clusters" in texts(first)
    assert first.number_input(key="clusters.number").value == 2
    assert "10 samples in 3 clusters" in texts(second)
    result = kept(photos)
    assert result is not None
    assert result.spec.k == 3


def test_a_load_in_one_tab_does_not_stop_that_of_another(photos: Path) -> None:
    first, second = open_page(photos, screen="clusters"), open_page(photos, screen="clusters")
    slow = go_slow(first)
    second.number_input(key="clusters.number").set_value(3)
    second.button(key="clusters.load").click().run()
    slow.may_go_on.set()
    assert "10 samples in 2 clusters" in texts(settle(first))
    assert "10 samples in 3 clusters" in texts(settle(second))


def test_a_refresh_finds_the_making_that_goes_on_and_its_result(photos: Path) -> None:
    slow = go_slow(open_page(photos, screen="clusters"))
    page = open_page(photos, screen="clusters")
    assert "4 of 10" in texts(page)
    assert page.button(key="clusters.cancel")
    slow.may_go_on.set()
    assert "10 samples in 2 clusters" in texts(settle(page))
    assert page.number_input(key="clusters.number").value == 2


def test_a_folder_opened_another_way_has_clusters_of_its_own(photos: Path) -> None:
    clusters_page(photos)
    for link in ({"subfolders": "no"}, {"tags": ".caption"}):
        page = open_page(photos, screen="clusters", **link)
        assert "10 samples in 2 clusters" not in texts(page)
    (photos / "c0.caption").write_text("another kind of tag")
    page = open_page(photos, screen="clusters", tags=".caption")
    page.number_input(key="clusters.number").set_value(1)
    press(page, "clusters.load")
    assert "1 sample in 1 cluster" in texts(page)
    assert "10 samples were left out (no tags)" in texts(page)
    assert "10 samples in 2 clusters" in texts(open_page(photos, screen="clusters"))


def test_a_suggestion_made_on_other_captions_is_marked(photos: Path) -> None:
    page = clusters_page(photos)
    press(page, "clusters.suggest")
    assert "Captions changed since" not in texts(settle(page))
    (photos / "c0.txt").write_text("a bird")
    page.button(key="shell.reload").click().run()
    assert "Captions changed since these numbers were tried." in texts(settle(page))
    press(page, "clusters.suggest")
    assert "Captions changed since" not in texts(page)


def test_a_suggestion_under_way_can_be_cancelled(photos: Path) -> None:
    page = open_page(photos, screen="clusters")
    slow = go_slow(page, "clusters.suggest")
    page.run()
    page.button(key="clusters.suggest.cancel").click().run()
    slow.may_go_on.set()
    assert "Stopped." in texts(settle(page))
    assert "Try " not in texts(page)
    assert "first." in texts(press(page, "clusters.suggest"))


def test_the_dropdown_lists_the_samples_of_the_page(many: Path) -> None:
    page = clusters_page(many, 1)
    press(page, "clusters.contents.load")
    assert (
        page.selectbox(key="clusters.contents.sample.").options == shown(page) == [f"p{n:02d}.jpg" for n in range(24)]
    )
    page.session_state["clusters.contents.page.2"] = 2
    page.run()
    assert (
        page.selectbox(key="clusters.contents.sample.").options == shown(page) == [f"p{n}.jpg" for n in range(24, 30)]
    )


def test_clusters_follow_an_image_that_is_renamed_here(photos: Path) -> None:
    page = clusters_page(photos)
    rename(state_of(page), "d3.jpg", "spot")
    page.run()
    load_contents(page, 1)
    assert shown(page) == ["d0.jpg", "d1.jpg", "d2.jpg", "spot.jpg"]
    assert OLDER not in texts(settle(page))
    result = kept(photos)
    assert result is not None
    assert result.members(1) == ("d0.jpg", "d1.jpg", "d2.jpg", "spot.jpg")


@pytest.mark.parametrize("by", ["tags", "images"])
def test_clusters_follow_an_image_that_another_program_renamed(photos: Path, by: By) -> None:
    age(photos)
    page = clusters_page(photos)
    if by == "images":
        by_images(page)
    before = kept(photos, by)
    assert before is not None
    for suffix in (".jpg", ".txt"):
        (photos / f"d3{suffix}").rename(photos / f"spot{suffix}")
    page.button(key="shell.reload").click().run()
    assert OLDER not in texts(settle(page))
    state, result = state_of(page), kept(photos, by)
    assert result is not None
    assert result.names == tuple("spot.jpg" if name == "d3.jpg" else name for name in before.names)
    open_clicked(state, state.of(KeptClusters).results[by] or before, [before.names.index("d3.jpg")])
    assert "dog barks, number 3" in texts(page.run())


def test_another_image_of_the_same_caption_takes_its_place_among_tags_only(photos: Path) -> None:
    age(photos)
    page = by_images(clusters_page(photos))
    for suffix in (".jpg", ".txt"):
        (photos / f"c0{suffix}").unlink()
    draw_image(photos / "z.jpg", number=7, size=(99, 50)).with_suffix(".txt").write_text(CATS[0])
    page.button(key="shell.reload").click().run()
    page.button_group(key="clusters.by").set_value("tags").run()
    assert OLDER not in texts(settle(page))
    assert "z.jpg" in state_of(page).of(KeptClusters).results["tags"].names
    page.button_group(key="clusters.by").set_value("images").run()
    assert "1 added, 1 gone since" in texts(settle(page))


def test_captions_that_changed_since_are_counted(photos: Path) -> None:
    clusters_page(photos)
    (photos / "c0.txt").write_text("a bird")
    (photos / "e.txt").write_text("a new one")
    page = open_page(photos, screen="clusters")
    assert "1 changed, 1 added since" in texts(settle(page))
    assert OLDER not in texts(press(page, "clusters.load"))


def test_another_number_of_clusters_embeds_nothing_again(
    photos: Path, embedders: tuple[WordEmbedder, ColourEmbedder]
) -> None:
    page = clusters_page(photos)
    batches = len(embedders[0].batches)
    page.number_input(key="clusters.number").set_value(4)
    press(page, "clusters.load")
    assert len(embedders[0].batches) == batches


def test_cancel_keeps_what_was_embedded_and_load_goes_on_from_there(photos: Path) -> None:
    page = open_page(photos, screen="clusters")
    slow = go_slow(page)
    page.run()
    assert "4 of 10" in texts(page)
    page.button(key="clusters.cancel").click().run()
    slow.may_go_on.set()
    assert "Stopped. 8 of 10 are embedded and kept." in texts(settle(page))
    press(page, "clusters.load")
    assert "10 samples in 2 clusters" in texts(page)
    assert [len(batch) for batch in slow.batches] == [4, 4, 2]


def test_an_image_that_cannot_be_opened_is_named_with_its_reason(photos: Path) -> None:
    (photos / "c0.jpg").write_bytes(b"no picture")
    page = by_images(open_page(photos, screen="clusters"))
    assert "1 sample was left out (images that cannot be opened)" in texts(page)
    assert "c0.jpg" in texts(page)


def test_suggest_recommends_a_number_that_can_be_used(photos: Path) -> None:
    page = clusters_page(photos, 5)
    press(page, "clusters.suggest")
    assert "Try 2 first." in texts(page)
    chart = json.loads(page.get("vega_lite_chart")[0].proto.spec)
    fields = [curve["layer"][0]["encoding"]["y"]["field"] for curve in chart["hconcat"]]
    assert fields == ["spread", "silhouette"]
    page.button(key="clusters.use_k").click().run()
    assert page.number_input(key="clusters.number").value == 2


def test_closing_the_folder_forgets_its_clusters(photos: Path, tmp_path: Path) -> None:
    page = clusters_page(photos)
    page.button(key="shell.close").click().run()
    other = image_folder(tmp_path / "other", 2)
    page.text_input(key="picker.path").set_value(str(other)).run()
    page.button(key="picker.select").click().run()
    assert healthy(page)
    assert "10 samples in 2 clusters" not in texts(page)


def test_a_result_that_cannot_be_kept_is_shown_with_a_word_about_it(photos: Path, toolkit_home: Path) -> None:
    page = open_page(photos, screen="clusters")
    folder = settings().owner_folder("local") / "clusters"
    folder.write_text("a file where the folder should be")
    page.number_input(key="clusters.number").set_value(2)
    press(page, "clusters.load")
    assert "10 samples in 2 clusters" in texts(page)
    assert "The clusters cannot be kept" in texts(page)
    folder.unlink()


def test_clusters_of_an_earlier_and_larger_number_do_not_break_the_form(photos: Path) -> None:
    result = keep_clusters(settings(), photos, [["c0.jpg"], ["d0.jpg"]])
    save_result(
        result_path(settings().owner_folder("local"), photos, "tags"),
        replace(result, spec=replace(result.spec, k=2_000)),
    )
    page = open_page(photos, screen="clusters")
    assert healthy(page)
    assert page.number_input(key="clusters.number").value == page.number_input(key="clusters.number").max == 500
