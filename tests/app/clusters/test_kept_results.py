"""Clusters outlive sessions, tabs, renames and another opening of the folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.clusters.map import open_clicked
from app.samples.editing import rename
from app.samples.kept_clusters import KeptClusters
from lib import cache
from lib.clustering import result_path, save_result
from lib.domain import By
from lib.settings import settings
from tests.app.clusters.conftest import CATS
from tests.app.clusters.steps import (
    OLDER,
    by_images,
    clusters_page,
    go_slow,
    kept,
    load_contents,
    press,
    settle,
    shown,
    state_of,
)
from tests.doubles.clusters import keep_clusters
from tests.doubles.dashboard import healthy, open_page, texts
from tests.doubles.image_folder import age, draw_image, image_folder


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
    assert "10 samples take no part (no tags)" in texts(page)
    assert "10 samples in 2 clusters" in texts(open_page(photos, screen="clusters"))


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
