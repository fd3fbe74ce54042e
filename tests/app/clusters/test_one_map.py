"""One map: its layout, both bases, and what stands out on it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from app.clusters.map import bright_names, load_selected
from app.clusters.state import ClustersState
from app.samples.kept_clusters import KeptClusters
from tests.app.clusters.steps import (
    by_images,
    clusters_page,
    kept,
    load_contents,
    press,
    shown,
    state_of,
)
from tests.doubles.dashboard import healthy


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
