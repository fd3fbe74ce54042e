"""Captions of many rows are reviewed a piece at a time: the same findings, the worst of each kind kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.errors import Cancelled
from lib.last_review import LastReviews
from lib.progress import NOBODY
from lib.record_columns import ColumnRecords
from lib.review import by_pieces, judge_right, review, samples_under_review
from lib.review.by_pieces import review_by_pieces
from lib.review.findings import Finding
from lib.review.samples import ReviewSamples
from lib.settings import Settings
from lib.tables.dataset import TableDataset
from lib.tables.opening import open_table
from tests.doubles.tables import write_table

FAULTY = {
    3: "",
    17: "A cat on a <b>red</b> sofa in the house.",
    25: "",
    31: "See https://example.org for the dog here.",
}
ROWS = [(f"{number:02d}.jpg", FAULTY.get(number, f"A dog runs along beach number {number}.")) for number in range(40)]


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TableDataset:
    monkeypatch.setattr(by_pieces, "PIECE", 10)
    return open_table(write_table(tmp_path / "rows.parquet", ROWS), Settings(home=tmp_path / "home"))


def samples(table: TableDataset, tmp_path: Path) -> ReviewSamples:
    return samples_under_review(table.root, (), Settings(home=tmp_path / "home"))


def rows_of(table: TableDataset) -> ColumnRecords:
    return table.snapshot()


def told(findings: tuple[Finding, ...]) -> set[tuple[str, tuple[str, ...]]]:
    """Of a part of the dataset each piece tells by itself."""
    return {(one.kind, one.images) for one in findings if len(one.images) < 10}


def test_pieces_find_what_is_found_in_one_go(table: TableDataset, tmp_path: Path) -> None:
    under = samples(table, tmp_path)
    found = review_by_pieces(under, rows_of(table))
    whole = review(samples_under_review(table.root, table.records, Settings(home=tmp_path / "other")), ["captions"])
    assert told(found.findings) == told(whole.findings)
    assert {"empty", "markup", "address"} <= {kind for kind, _ in told(found.findings)}
    assert len(found.names) == 40
    assert not found.more
    assert {record.name for record in under.records} >= {name for one in found.findings for name in one.images}


def test_beyond_the_worst_of_a_kind_findings_are_counted(
    table: TableDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_pieces, "KEPT", 1)
    found = review_by_pieces(samples(table, tmp_path), rows_of(table))
    assert [one.images for one in found.findings if one.kind == "empty"] == [("03.jpg",)]
    assert found.more["empty"] == 1
    assert any("more findings are counted" in note for note in found.notes)


def test_what_was_found_right_is_not_told_again(table: TableDataset, tmp_path: Path) -> None:
    under = samples(table, tmp_path)
    first = next(one for one in review_by_pieces(under, rows_of(table)).findings if one.kind == "markup")
    judge_right(under, [first])
    again = review_by_pieces(samples(table, tmp_path), rows_of(table))
    assert "markup" not in {one.kind for one in again.findings}
    assert [one.images for one in again.found_right] == [first.images]


def test_what_was_found_is_kept_for_queries_until_a_later_review_finds_it_no_more(
    table: TableDataset, tmp_path: Path
) -> None:
    kept = LastReviews(tmp_path / "home")
    review_by_pieces(samples(table, tmp_path), rows_of(table))
    first = kept.load(table.root)
    assert first is not None
    assert "17.jpg" in {name for _, _, _, images in first.findings for name in images}
    table.take({"17.jpg": "A cat on a red sofa in the house."}, "edit-000001-a.parquet")
    review_by_pieces(samples(table, tmp_path), rows_of(table))
    second = kept.load(table.root)
    assert second is not None
    assert "17.jpg" not in {name for _, _, _, images in second.findings for name in images}


class Stopping:
    """Looks on, and stops once a piece is done."""

    done = 0

    def advance(self, done: int, total: int) -> None:
        self.done = done

    def is_cancelled(self) -> bool:
        return self.done > 0


def test_a_cancel_is_heard_between_pieces(table: TableDataset, tmp_path: Path) -> None:
    watch = Stopping()
    with pytest.raises(Cancelled):
        review_by_pieces(samples(table, tmp_path), rows_of(table), watch)
    assert watch.done < 40
    assert NOBODY.is_cancelled() is False
