"""The Clusters page shows what a table brings in columns of its own, and makes nothing unless it is asked to."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from streamlit.testing.v1 import AppTest

from app.samples.kept_clusters import KeptClusters
from lib import cache
from lib.clustering import OWN_COLUMNS
from lib.tables import dataset
from tests.app.clusters.steps import load_contents, press, settle, state_of
from tests.doubles.dashboard import healthy, open_page, texts
from tests.doubles.tables import drawn_captions

SIZES = [20, 12, 8]


@pytest.fixture
def table(toolkit_home: Path, tmp_path: Path) -> Path:
    labels = [number for number, size in enumerate(SIZES) for _ in range(size)]
    rows = {
        "key": [f"{number:03d}.jpg" for number in range(40)],
        "caption": drawn_captions(40),
        "cluster": pyarrow.array(labels, pyarrow.int32()),
        "x": pyarrow.array([float(label) for label in labels], pyarrow.float32()),
        "y": pyarrow.array([number / 40 for number in range(40)], pyarrow.float32()),
    }
    (tmp_path / "photos").mkdir(exist_ok=True)
    path = tmp_path / "photos" / "rows.parquet"
    pyarrow.parquet.write_table(pyarrow.table(rows), path)
    return path


def made(page: AppTest) -> str:
    result = state_of(page).of(KeptClusters).results["tags"]
    assert result is not None
    return result.model


def test_a_table_opens_with_the_clusters_that_it_brings(table: Path) -> None:
    page = open_page(table, screen="clusters")
    assert healthy(page)
    assert not [job for job in cache.job_runner().of("local") if job.title.startswith("Clusters")]
    page = settle(page)
    said = texts(page)
    assert made(page) == OWN_COLUMNS
    assert "40 samples in 3 clusters" in said
    assert "This map is by the table's own columns." in said
    assert "silhouette" not in said
    assert "older than" not in said
    assert page.number_input(key="clusters.number").value == 3
    assert ": 8 samples" in texts(load_contents(page, 2))


def test_load_makes_others_in_their_place(table: Path) -> None:
    page = settle(open_page(table, screen="clusters"))
    page.selectbox(key="clusters.method.tags").select("tfidf").run()
    page = press(page, "clusters.load")
    assert made(page) != OWN_COLUMNS
    assert "own columns" not in texts(page)
    assert made(settle(open_page(table, screen="clusters"))) != OWN_COLUMNS


def test_columns_that_cannot_be_shown_say_why_beside_the_map(table: Path) -> None:
    rows = pyarrow.parquet.read_table(table)
    rows = rows.set_column(rows.schema.get_field_index("x"), "x", pyarrow.array(["left"] * 40))
    pyarrow.parquet.write_table(rows, table)
    said = texts(settle(settle(open_page(table, screen="clusters"))))
    assert "The clusters that this table brings are not shown: its column “x” is string" in said


def test_what_a_table_brings_is_waited_for_in_words(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may_go_on = threading.Event()
    read = dataset.own_clusters

    def slowly(*given: Any) -> Any:
        assert may_go_on.wait(20)
        return read(*given)

    monkeypatch.setattr(dataset, "own_clusters", slowly)
    page = open_page(table, screen="clusters")
    said = texts(page)
    may_go_on.set()
    assert "Reading the clusters that the table brings … " in said
    assert not page.get("plotly_events")
    assert made(settle(page)) == OWN_COLUMNS
