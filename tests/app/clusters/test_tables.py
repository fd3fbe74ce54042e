"""The Clusters page with a table open: a map of some of its rows above all of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.clusters import shown
from app.clusters.loading import PANEL
from app.clusters.map import chosen_row, load_selected, open_clicked
from app.samples.kept_clusters import KeptClusters
from app.samples.state import Galleries
from lib.clustering import load_result, result_path
from lib.settings import settings
from tests.app.clusters.steps import press, settle, state_of
from tests.doubles.dashboard import healthy, open_page, texts
from tests.doubles.tables import drawn_captions, write_table


@pytest.fixture
def page(toolkit_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(shown, "WHOLE", 100)
    monkeypatch.setattr(shown, "_MOST", 60)
    rows = ((f"{number:03d}.jpg", text) for number, text in enumerate(drawn_captions(150)))
    path = write_table(tmp_path / "photos" / "rows.parquet", rows)
    return settle(settle(open_page(path, screen="clusters")))


def test_a_table_of_many_rows_is_put_on_a_map_of_some_of_them(page: AppTest) -> None:
    assert "60 of 150 shown" in texts(page)


def test_a_cluster_a_selection_and_a_point_of_a_table_open(page: AppTest) -> None:
    state = state_of(page)
    result = state.of(KeptClusters).results["tags"]
    assert result is not None
    page.button(key="clusters.contents.load").click().run()
    assert healthy(page)
    assert f": {result.clusters[0].size:,} samples" in texts(page)
    load_selected(state, result, [3, 9])
    page.run()
    assert "Chosen on the map: 2 samples" in texts(page)
    open_clicked(state, result, [7])
    page.run()
    assert healthy(page)
    assert state.of(Galleries).at(PANEL).is_open
    assert chosen_row(state, result) == 7


def test_clusters_of_a_table_are_there_when_it_is_opened_again(page: AppTest) -> None:
    page.selectbox(key="clusters.method.tags").select("tfidf").run()
    press(page, "clusters.load")
    root = state_of(page).dataset.root  # type: ignore[union-attr]
    kept = load_result(result_path(settings().owner_folder("local"), root, "tags"))
    assert kept is not None
    assert len(kept.names) == 150
    again = settle(open_page(root, screen="clusters"))
    assert "60 of 150 shown" in texts(again)
    assert "older than" not in texts(again)


def test_a_table_without_captions_says_that_it_has_none(toolkit_home: Path, tmp_path: Path) -> None:
    path = write_table(tmp_path / "photos" / "bare.parquet", [("a.jpg", None), ("b.jpg", "")])
    assert "this one has none" in texts(open_page(path, screen="clusters"))
