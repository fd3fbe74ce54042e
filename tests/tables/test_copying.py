"""A table in a bucket is copied here once, whole or not at all, and edited in the copy alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.errors import Cancelled, InvalidInput
from lib.places import place_at
from lib.settings import Settings
from lib.tables.copying import copied_bytes, copy_table
from lib.tables.opening import open_table
from lib.urls import parse_url
from tests.doubles.bucket import loopback_bucket
from tests.doubles.tables import write_table

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
ROWS = [("a.jpg", "a cat"), ("b.jpg", "a dog")]


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with loopback_bucket(monkeypatch) as url:
        yield url


@pytest.fixture
def parts(bucket: str, tmp_path: Path) -> str:
    for number in range(2):
        name = f"part-{number:06d}.parquet"
        write_table(tmp_path / name, [(f"{number}{key}", text) for key, text in ROWS])
        place_at(f"{bucket}/set").put(name, tmp_path / name)
    return f"{bucket}/set"


def captions(copy: Path, tmp_path: Path) -> dict[str, str]:
    return {record.name: record.text for record in open_table(copy, Settings(home=tmp_path / "home")).records}


def test_the_parts_of_a_table_are_copied_once(parts: str, tmp_path: Path) -> None:
    copy = copy_table(parse_url(parts), tmp_path / "copies")
    assert captions(copy, tmp_path) == {"0a.jpg": "a cat", "0b.jpg": "a dog", "1a.jpg": "a cat", "1b.jpg": "a dog"}
    before = copy.stat().st_mtime_ns
    assert copy_table(parse_url(parts), tmp_path / "copies") == copy
    assert copy.stat().st_mtime_ns == before
    assert len(list((tmp_path / "copies").iterdir())) == 1


def test_one_file_of_many_is_a_table(parts: str, tmp_path: Path) -> None:
    copy = copy_table(parse_url(f"{parts}/part-000001.parquet"), tmp_path / "copies")
    assert set(captions(copy, tmp_path)) == {"1a.jpg", "1b.jpg"}


def test_a_table_that_changed_is_another_copy_and_the_edits_of_the_first_stay(parts: str, tmp_path: Path) -> None:
    copies, url = tmp_path / "copies", parse_url(parts)
    first = copy_table(url, copies)
    dataset = open_table(first, Settings(home=tmp_path / "home"))
    dataset.take({"0a.jpg": "mine"}, dataset.overlay.write("aa", {"0a.jpg": "mine"}))
    assert [entry.name for entry in place_at(parts).files()] == ["part-000000.parquet", "part-000001.parquet"]
    write_table(tmp_path / "part-000001.parquet", [("new.jpg", "a boat")])
    place_at(parts).put("part-000001.parquet", tmp_path / "part-000001.parquet")
    second = copy_table(url, copies)
    assert second != first
    assert "new.jpg" in captions(second, tmp_path)
    assert captions(first, tmp_path)["0a.jpg"] == "mine"


class Stopping:
    """Stops once something came."""

    done = 0

    def advance(self, done: int, total: int) -> None:
        self.done = done

    def is_cancelled(self) -> bool:
        return self.done > 0


def test_a_cancel_and_a_place_that_fails_leave_nothing(parts: str, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    with pytest.raises(Cancelled):
        copy_table(parse_url(parts), copies, Stopping())
    assert list(copies.iterdir()) == []
    with pytest.raises(InvalidInput, match="There is no table"):
        copy_table(parse_url(f"{parts}/nothing"), copies)


def test_what_is_too_large_is_refused_before_anything_is_copied(parts: str, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    with pytest.raises(InvalidInput, match="may be copied here"):
        copy_table(parse_url(parts), copies, most=100)
    assert list(copies.iterdir()) == []
    copy = copy_table(parse_url(parts), copies)
    assert copied_bytes(copies) == sum(path.stat().st_size for path in copy.glob("part-*"))
