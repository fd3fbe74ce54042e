"""The Clusters page's logic, from app/main.py down to the files."""

from __future__ import annotations

import json
from pathlib import Path

from app.clusters.state import ClustersState
from lib.domain import ClusterSpec
from tests.app.clusters.steps import (
    by_images,
    clusters_page,
    go_slow,
    kept,
    press,
    settle,
    state_of,
)
from tests.doubles.dashboard import open_page, texts
from tests.doubles.embedder import ColourEmbedder, WordEmbedder
from tests.doubles.image_folder import image_folder


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
    assert "1 sample takes no part (no tags)" in said
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
    assert "1 sample takes no part (images that cannot be opened)" in texts(page)
    assert "c0.jpg" in texts(page)


def test_suggest_recommends_a_number_that_can_be_used(photos: Path) -> None:
    page = clusters_page(photos, 5)
    press(page, "clusters.suggest")
    assert "Try 2 first." in texts(page)
    assert "Its clusters are the most apart: silhouette " in texts(page)
    charts = [json.loads(chart.proto.spec) for chart in page.get("vega_lite_chart")]
    assert [chart["layer"][0]["encoding"]["y"]["field"] for chart in charts] == ["spread", "silhouette"]
    page.button(key="clusters.use_k").click().run()
    assert page.number_input(key="clusters.number").value == 2
