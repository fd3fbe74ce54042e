"""JSON lines: an object a line, as `datasets` and pandas read it, also of a table's rows with a map."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from lib.clustering import Cluster, ClusterResult
from lib.column_texts import ColumnTexts
from lib.domain import ClusterSpec
from lib.exporting.base import ExportOptions, MapPoint
from lib.exporting.jsonl import CaptionsJsonl
from lib.exporting.planning import plan_export
from lib.exporting.writing import export
from lib.map_points import points_of
from lib.settings import Settings
from lib.tables.opening import open_table
from tests.doubles.image_folder import image_folder
from tests.doubles.tables import write_table
from tests.exporting.conftest import Exported

HARD = {"a.jpg": 'a "dog"\nand {a cat}', "b,c.jpg": "café \u2028 🌊"}


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def test_each_line_holds_a_sample_with_its_size(tmp_path: Path, exported: Exported) -> None:
    found = lines(exported(image_folder(tmp_path / "photos", HARD), "jsonl").path)
    assert {line["file_name"]: line["text"] for line in found} == HARD
    assert len({tuple(line) for line in found}) == 1
    assert all(line["width"] and line["bytes"] for line in found)


def result_of(names: list[str]) -> ClusterResult:
    points = np.asarray([[number, -number] for number in range(len(names))], np.float32)
    cluster = Cluster(0, len(names), ("dog",), 0.1, (), ())
    labels, keys = np.zeros(len(names), np.int32), np.zeros((len(names), 16), np.uint8)
    return ClusterResult(
        ClusterSpec(k=1), "m", ColumnTexts.of(names), labels, points, keys, (cluster,), 0.1, 1.0, 2, 0.5
    )


def test_rows_go_out_with_their_places_on_the_map(tmp_path: Path) -> None:
    rows = [(f"{number}.jpg", "a dog") for number in range(5)]
    table = open_table(write_table(tmp_path / "rows.parquet", [*rows, ("bare.jpg", "")]), Settings(home=tmp_path))
    plan = plan_export(table.root, table.records, options=ExportOptions(uncaptioned=True))
    places = points_of(result_of([name for name, _ in reversed(rows)]))
    found = lines(export("jsonl", replace(plan, places=places), tmp_path / "out").path)
    assert [line["x"] for line in found] == [4, 3, 2, 1, 0, None]
    assert [line["cluster_name"] for line in found] == ["dog"] * 5 + [None]
    assert places["2.jpg"] == MapPoint(2, -2, 0, "dog")
    assert "bare.jpg" not in places
    assert len(places) == 5


def test_a_line_that_is_cut_short_is_told(tmp_path: Path) -> None:
    path = tmp_path / "captions.jsonl"
    path.write_text('{"file_name": "a.jpg", "text": "a dog"}\n{"file_name": "b.jp')
    found = list(CaptionsJsonl().read_back(path))
    assert found[0] == ("a.jpg", "")
    assert "damaged" in found[1][1]
