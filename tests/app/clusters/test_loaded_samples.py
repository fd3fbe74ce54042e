"""What is loaded from clusters, the map or the table: shown, edited, taken along."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.clusters.crosstab import Compared, load_cell
from app.clusters.loading import GALLERY, PANEL
from app.clusters.map import load_selected, open_clicked
from app.samples.kept_clusters import KeptClusters
from app.samples.state import Galleries
from lib.errors import InvalidInput
from tests.app.clusters.steps import (
    by_images,
    clusters_page,
    kept,
    load_contents,
    press,
    shown,
    state_of,
)
from tests.doubles.dashboard import healthy, texts
from tests.doubles.image_folder import draw_image


def test_load_cluster_contents_shows_them_and_a_choice_opens_one_to_edit(photos: Path) -> None:
    page = clusters_page(photos)
    load_contents(page, 1)
    assert shown(page) == [f"d{n}.jpg" for n in range(4)]
    page.selectbox(key="clusters.contents.sample.").select("d2.jpg").run()
    assert healthy(page)
    assert "dog barks, number 2" in texts(page)
    assert state_of(page).of(Galleries).at(GALLERY).is_open


def test_typical_and_unusual_samples_are_the_nearest_and_the_farthest(photos: Path) -> None:
    page = clusters_page(photos)
    press(page, "clusters.contents.load")
    result = kept(photos)
    assert result is not None
    page.button_group(key="clusters.order").set_value("Unusual").run()
    assert shown(page) == [result.names[place] for place in result.clusters[0].unusual]


@pytest.mark.parametrize(
    ("screen", "title"),
    [
        ("bulk_ops", "Bulk Ops"),
        ("export", "Export"),
        ("keyword_filter", "Keyword Filter"),
        ("word_cloud", "Word Cloud"),
    ],
)
def test_a_cluster_becomes_the_scope_of_another_page(photos: Path, screen: str, title: str) -> None:
    page = clusters_page(photos)
    load_contents(page, 1)
    page.button(key=f"clusters.to.{screen}").click().run()
    assert healthy(page)
    assert [element.value for element in page.title] == [title]
    assert "4 of 11" in texts(page)
    scope = state_of(page).scope
    assert scope.names == frozenset(f"d{n}.jpg" for n in range(4))
    assert scope.label.startswith("Cluster 1 ")


def test_a_clicked_point_opens_beside_the_map_and_closes_the_other_panel(photos: Path) -> None:
    page = clusters_page(photos)
    state, result = state_of(page), kept(photos)
    assert result is not None
    state.of(Galleries).at(GALLERY).is_open = True
    open_clicked(state, result, [result.names.index("d3.jpg")])
    assert healthy(page.run())
    assert "dog barks, number 3" in texts(page)
    assert (state.of(Galleries).at(PANEL).is_open, state.of(Galleries).at(GALLERY).is_open) == (True, False)


def test_a_point_whose_image_is_gone_opens_no_other_one(photos: Path) -> None:
    page = clusters_page(photos)
    result = kept(photos)
    assert result is not None
    (photos / "d3.jpg").unlink()
    page.button(key="shell.reload").click().run()
    with pytest.raises(InvalidInput, match=r"d3\.jpg is not in the open folder any more"):
        open_clicked(state_of(page), result, [result.names.index("d3.jpg")])
    assert not state_of(page).of(Galleries).at(PANEL).is_open


def test_selected_points_are_loaded_and_an_empty_selection_changes_nothing(photos: Path) -> None:
    page = clusters_page(photos)
    state, result = state_of(page), kept(photos)
    assert result is not None
    load_selected(state, result, [result.names.index(name) for name in ("d1.jpg", "c1.jpg")])
    assert shown(page.run()) == ["c1.jpg", "d1.jpg"]
    assert "Chosen on the map: 2 samples" in texts(page)
    load_selected(state, result, [])
    assert shown(page.run()) == ["c1.jpg", "d1.jpg"]


def test_samples_that_are_gone_are_left_out_of_the_gallery(photos: Path) -> None:
    page = clusters_page(photos)
    for name in ("d0.jpg", "d0.txt"):
        (photos / name).unlink()
    page.button(key="shell.reload").click().run()
    load_contents(page, 1)
    assert shown(page) == ["d1.jpg", "d2.jpg", "d3.jpg"]
    assert "1 gone since" in texts(page)


def test_images_against_tags_counts_and_a_cell_loads_its_photos(photos: Path) -> None:
    for number in range(6):
        # All cats red, all dogs blue but one.
        draw_image(photos / f"c{number}.jpg", number=0)
    for number in range(4):
        draw_image(photos / f"d{number}.jpg", number=0 if number == 3 else 1)
    page = clusters_page(photos)
    assert "a table will tell" in texts(page)
    by_images(page)
    table = page.dataframe(key="clusters.table").value
    assert table.to_numpy().tolist() == [[6, 1], [0, 3]]
    state = state_of(page)
    images, tags = state.of(KeptClusters).results["images"], state.of(KeptClusters).results["tags"]
    assert images is not None
    assert tags is not None
    from lib.clustering import crosstab

    load_cell(state, Compared(images, tags, crosstab(images, tags)), 0, 1)
    assert shown(page.run()) == ["d3.jpg"]
