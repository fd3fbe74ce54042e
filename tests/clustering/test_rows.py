"""Clusters of a table: the same as of a folder with these captions, without an object for each row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lib.clustering import Clusterer, ClusterResult, changes_since, load_result, save_result
from lib.clustering.samples import samples_of
from lib.column_texts import ColumnTexts, match_places
from lib.dataset.base import Dataset
from lib.domain import ClusterSpec, ImageRecord
from lib.embedding import tfidf
from lib.embedding.tfidf import TfIdf
from lib.errors import Cancelled
from lib.record_columns import ColumnRecords
from lib.records import captions_of, named_in_order, names_of
from lib.settings import Settings
from lib.tables.opening import open_table
from tests.doubles.tables import drawn_captions, write_table

SPEC = ClusterSpec("tags", "tfidf", 4, layout="axes")
ROWS = [(f"a/{number:04d}.jpg", text) for number, text in enumerate(drawn_captions(400))]
BLANK = [(f"b/{number}.jpg", " " if number % 2 else "") for number in range(5)]


@pytest.fixture
def table(tmp_path: Path) -> Dataset:
    path = write_table(tmp_path / "rows.parquet", [*ROWS[:200], *BLANK, *ROWS[200:]])
    return open_table(path, Settings(home=tmp_path / "home"))


def clusters(dataset: Dataset, before: ClusterResult | None = None, spec: ClusterSpec = SPEC) -> ClusterResult:
    made = Clusterer(lambda name: TfIdf(), Path("unused"))
    return made.run(dataset.root, dataset.snapshot(), spec, before=before)


def test_rows_have_the_clusters_of_the_same_samples_in_a_folder(table: Dataset) -> None:
    rows = clusters(table)
    records = [ImageRecord(one.name, text=one.text, state=one.state) for one in table.records]
    listed = Clusterer(lambda name: TfIdf(), Path("unused")).run(table.root, records, SPEC)
    assert isinstance(rows.names, ColumnTexts)
    assert tuple(rows.names) == listed.names == tuple(name for name, _ in ROWS)
    np.testing.assert_array_equal(rows.labels, listed.labels)
    np.testing.assert_array_equal(rows.keys, listed.keys)
    assert rows.clusters == listed.clusters
    assert rows.left_out == listed.left_out == {"no tags": 5}
    assert [rows.members(number) for number in range(4)] == [listed.members(number) for number in range(4)]


def test_clusters_of_rows_are_kept_and_read_back(table: Dataset, tmp_path: Path) -> None:
    made = clusters(table)
    save_result(tmp_path / "kept.npz", made)
    found = load_result(tmp_path / "kept.npz")
    assert found is not None
    assert isinstance(found.names, ColumnTexts)
    assert list(found.names) == list(made.names)
    assert (found.id, found.clusters, found.spec) == (made.id, made.clusters, made.spec)


def test_kept_clusters_whose_names_are_damaged_are_none(table: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "kept.npz"
    save_result(path, clusters(table))
    with np.load(path) as kept:
        content = dict(kept)
    for damage in ({"name_ends": content["name_ends"][::-1]}, {"name_bytes": content["name_bytes"][:-9]}):
        np.savez(path, **content | damage)
        assert load_result(path) is None


def test_rows_that_were_edited_since_are_counted(table: Dataset, tmp_path: Path) -> None:
    made = clusters(table)
    assert not changes_since(made, table.root, table.snapshot(), tmp_path)
    edits = {ROWS[3][0]: "another caption", ROWS[4][0]: "", BLANK[0][0]: "a caption at last"}
    table.take(edits, "edit-000001-a.parquet")  # type: ignore[attr-defined]
    found = changes_since(made, table.root, table.snapshot(), tmp_path)
    assert (found.changed, found.added, found.gone) == (1, 1, 1)
    assert not found.renamed


def test_clusters_keep_numbers_and_places_after_an_edit(table: Dataset) -> None:
    before = clusters(table)
    table.take({ROWS[0][0]: "", BLANK[0][0]: ROWS[7][1]}, "edit-000001-a.parquet")  # type: ignore[attr-defined]
    after = clusters(table, before)
    was = dict(zip(before.names, before.points.tolist(), strict=True))
    moved = [name for name, at in zip(after.names, after.points.tolist(), strict=True) if was.get(name) != at]
    assert moved == [BLANK[0][0]]
    assert after.points[list(after.names).index(BLANK[0][0])].tolist() == was[ROWS[7][0]]


class Impatient:
    """Looks on, and cancels once so many are done."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.seen: list[tuple[int, int]] = []

    def advance(self, done: int, total: int) -> None:
        self.seen.append((done, total))

    def is_cancelled(self) -> bool:
        return bool(self.seen) and self.seen[-1][0] > self.most


@pytest.mark.parametrize("most", [0, 150])
def test_words_of_many_captions_tell_how_far_they_are_and_hear_a_cancel(
    table: Dataset, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(tfidf, "MANY", 100)
    monkeypatch.setattr("lib.embedding.tfidf_parts._PART", 50)
    watch, maker = Impatient(most), Clusterer(lambda name: TfIdf(), Path("unused"))
    with pytest.raises(Cancelled):
        maker.run(table.root, table.snapshot(), SPEC, progress=watch)
    assert most < watch.seen[-1][0] < 400
    assert {total for _, total in watch.seen} == {400}


def test_names_find_each_other_in_columns_as_in_lists() -> None:
    some, texts = ["c", "x", "a"], ["a", "b", "c"]
    for left in (some, ColumnTexts.of(some)):
        for right in (texts, ColumnTexts.of(texts)):
            assert match_places(left, right).tolist() == [2, -1, 0]
    assert match_places(ColumnTexts.of(texts), ColumnTexts.of(texts)).tolist() == [0, 1, 2]
    few, many = ColumnTexts.of(["c", "z", "a"]), ColumnTexts.of(["a", "b", "c", "d"])
    assert match_places(few, many).tolist() == [2, -1, 0]
    assert match_places(ColumnTexts.of(["c", "c", "x"]), many).tolist() == [2, 2, -1]
    assert match_places(ColumnTexts.of([]), many).tolist() == []
    assert (ColumnTexts.of(texts).find("b"), ColumnTexts.of(texts).find("x")) == (1, None)
    ends, data = ColumnTexts.of(texts)[1:].packed()
    assert list(ColumnTexts.unpacked(ends, data)) == ["b", "c"]


def test_captions_and_records_come_in_the_order_of_their_names(table: Dataset) -> None:
    names = [ROWS[9][0], "gone.jpg", ROWS[2][0]]
    rows = table.snapshot()
    listed = list(rows)
    for records in (rows, listed):
        assert list(captions_of(records, names)) == [ROWS[9][1], "", ROWS[2][1]]
        assert list(names_of(named_in_order(records, names))) == [ROWS[9][0], ROWS[2][0]]


def test_many_names_are_found_at_once_as_one_by_one(table: Dataset) -> None:
    rows = table.snapshot()
    assert isinstance(rows, ColumnRecords)
    names = [name for name, _ in ROWS[::3]]
    at_once = rows.are_named([*names, *(f"none {number}" for number in range(1_001))])
    np.testing.assert_array_equal(at_once, rows.are_named(names))
    some = rows.at([5, 0, 9])
    np.testing.assert_array_equal(some.are_named([*names, *map(str, range(1_001))]), some.are_named(names))


def test_samples_of_a_whole_table_are_the_table_itself(table: Dataset) -> None:
    some = table.snapshot()
    assert isinstance(some, ColumnRecords)
    tagged = some.at(range(10))
    assert samples_of(table.root, tagged, "tags").records is tagged
