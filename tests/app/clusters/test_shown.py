"""A map of more samples than can be drawn: how many are shown, and a closer look at a part of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.clusters import shown
from app.clusters.map import load_selected, map_points
from app.samples.kept_clusters import KeptClusters
from lib.clustering import ClusterResult, result_path, save_result
from lib.commands.clusters import _more, _sentences
from lib.settings import settings
from tests.app.clusters.steps import state_of
from tests.doubles.clusters import keep_clusters
from tests.doubles.dashboard import healthy, open_page, texts


@pytest.fixture
def page(photos: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Ten samples that lie on a line, of which six are drawn."""
    monkeypatch.setattr(shown, "WHOLE", 9)
    monkeypatch.setattr(shown, "_MOST", 6)
    keep_clusters(settings(), photos, [[f"c{n}.jpg" for n in range(6)], [f"d{n}.jpg" for n in range(4)]])
    page = open_page(photos, screen="clusters")
    assert healthy(page)
    return page


def result_of(page: AppTest) -> ClusterResult:
    result = state_of(page).of(KeptClusters).results["tags"]
    assert result is not None
    return result


def drawn(page: AppTest) -> set[str]:
    state, result = state_of(page), result_of(page)
    return {result.names[row] for rows in map_points(state, result, "light", None).rows for row in rows}


def test_how_many_are_shown_is_said(page: AppTest) -> None:
    assert "6 of 10 shown" in texts(page)
    assert len(drawn(page)) == 6
    assert {name[0] for name in drawn(page)} == {"c", "d"}


def test_a_map_that_is_drawn_whole_says_nothing_of_it(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "WHOLE", 10)
    page.run()
    assert healthy(page)
    assert "shown" not in texts(page)
    assert len(drawn(page)) == 10


def test_the_part_that_was_selected_is_drawn_anew_with_all_of_its_samples_and_the_whole_comes_back(
    page: AppTest,
) -> None:
    state, result = state_of(page), result_of(page)
    before = map_points(state, result, "light", None).id
    assert "clusters.closer" not in {button.key for button in page.button}
    load_selected(state, result, [2, 6])
    page.run()
    page.button(key="clusters.closer").click().run()
    assert healthy(page)
    assert drawn(page) == set(result.names[2:7])
    assert "5 of 5 in this part shown" in texts(page)
    assert map_points(state, result, "light", None).id != before
    page.button(key="clusters.whole").click().run()
    assert healthy(page)
    assert "6 of 10 shown" in texts(page)
    assert map_points(state, result, "light", None).id == before


def test_what_was_made_of_a_sample_is_said_below_the_map_and_by_the_command(photos: Path) -> None:
    groups = [[f"c{n}.jpg" for n in range(6)], [f"d{n}.jpg" for n in range(4)]]
    result = replace(keep_clusters(settings(), photos, groups), notes=("the axes are those of a sample",))
    save_result(result_path(settings().owner_folder("local"), photos, "tags"), result)
    assert "· the axes are those of a sample" in texts(open_page(photos, screen="clusters"))
    assert "Note: the axes are those of a sample" in _sentences(result)
    assert _more(result, [], 0)["notes"] == ["the axes are those of a sample"]
