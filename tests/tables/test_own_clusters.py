"""Clusters that a table brings in columns of its own are read as they stand there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from lib.settings import Settings
from lib.tables.dataset import TableDataset
from lib.tables.opening import open_table
from lib.tables.own_clusters import OwnClusters

CAPTIONS = ["a dog on grass", "a dog runs", "a cat sleeps", "a cat on a sofa", "red car", "a dog and a ball"]


def opened(tmp_path: Path, **columns: Any) -> TableDataset:
    rows = {"key": [f"{number}.jpg" for number in range(6)], "caption": CAPTIONS} | columns
    pyarrow.parquet.write_table(pyarrow.table(rows), tmp_path / "rows.parquet", row_group_size=4)
    return open_table(tmp_path / "rows.parquet", Settings(home=tmp_path / "home"))


def test_numbers_and_places_are_those_of_the_columns(tmp_path: Path) -> None:
    found = opened(tmp_path, cluster=[0, 0, 1, 1, 2, 0], x=[0.0, 1, 5, 6, 9, 2], y=[0.5] * 6).own_clusters().result
    assert found is not None
    assert found.labels.tolist() == [0, 0, 1, 1, 2, 0]
    assert found.points.tolist() == [[0, 0.5], [1, 0.5], [5, 0.5], [6, 0.5], [9, 0.5], [2, 0.5]]
    assert list(found.names) == [f"{number}.jpg" for number in range(6)]
    assert [(one.number, one.size, one.words[0]) for one in found.clusters] == [
        (0, 3, "dog"),
        (1, 2, "cat"),
        (2, 1, "red"),
    ]
    assert found.clusters[0].typical[0] == 1
    assert not found.left_out


def test_rows_without_a_cluster_a_place_or_a_caption_are_left_out_and_told(tmp_path: Path) -> None:
    found = (
        opened(
            tmp_path,
            cluster=[7, None, -1, 3, 7, 3],
            x=[0.0, 1, 5, None, 9, 2],
            y=[1.0] * 6,
            caption=[*CAPTIONS[:5], ""],
        )
        .own_clusters()
        .result
    )
    assert found is not None
    assert list(found.names) == ["0.jpg", "4.jpg"]
    assert found.labels.tolist() == [0, 0]
    assert found.left_out == {"no caption": 1, "no cluster in the table": 2, "no place in the table": 1}
    assert any("counted anew" in note for note in found.notes)


@pytest.mark.parametrize(
    "columns", [{}, {"cluster": [0] * 6}, {"x": [1.0] * 6, "y": [1.0] * 6}, {"Cluster": [0] * 6, "x": [1.0] * 6}]
)
def test_a_table_without_them_brings_none(tmp_path: Path, columns: dict[str, Any]) -> None:
    assert opened(tmp_path, **columns).own_clusters() == OwnClusters()


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"cluster": ["red"] * 6}, "its column “cluster” is string, and has to be whole numbers"),
        ({"cluster": [0.5] * 6}, "its column “cluster” is double, and has to be whole numbers"),
        ({"x": ["left"] * 6}, "its column “x” is string, and has to be numbers"),
        ({"cluster": [None] * 6}, "its column “cluster” is null, and has to be whole numbers"),
        ({"cluster": [-1] * 6}, "no sample has a caption, a cluster and a place: 6 with no cluster in the table"),
        ({"caption": [""] * 6}, "6 with no caption"),
        ({"y": [float("nan")] * 6}, "6 with no place in the table"),
    ],
)
def test_columns_that_cannot_be_shown_say_why(tmp_path: Path, columns: dict[str, Any], why: str) -> None:
    found = opened(tmp_path, **{"cluster": [0] * 6, "x": [1.0] * 6, "y": [1.0] * 6} | columns).own_clusters()
    assert found.result is None
    assert why in found.why_none


def test_more_clusters_than_can_be_shown_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.tables.placed.MOST_CLUSTERS", 5)
    found = opened(tmp_path, cluster=list(range(6)), x=[1.0] * 6, y=[1.0] * 6).own_clusters()
    assert found.result is None
    assert found.why_none.endswith("it has 6 clusters, and 5 at most can be shown.")


def test_a_part_without_the_columns_is_named(tmp_path: Path) -> None:
    for number, more in enumerate(({"cluster": [0], "x": [1.0], "y": [1.0]}, {})):
        rows = {"key": [f"{number}.jpg"], "caption": ["a dog"]} | more
        pyarrow.parquet.write_table(pyarrow.table(rows), tmp_path / f"part-00000{number}.parquet")
    found = open_table(tmp_path, Settings(home=tmp_path / "home")).own_clusters()
    assert "“part-000001.parquet” lacks a column of cluster, x, y." in found.why_none


def test_every_cluster_is_named_however_the_rows_follow_one_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.tables.placed._NAMED_BY", 3)
    captions = ["a dog", "a cat", "a dog", "a cat", "a dog", "a cat"]
    found = opened(tmp_path, caption=captions, cluster=[0, 1] * 3, x=[0.0] * 6, y=[0.0] * 6).own_clusters().result
    assert found is not None
    assert [one.words[0] for one in found.clusters] == ["dog", "cat"]
