"""FolderRecords in other orders than that of their names."""

from __future__ import annotations

import os
from pathlib import Path

from lib.dataset.scan.ordering import by_cluster, by_length, newest_first
from lib.domain import ImageRecord


def names(records: list[ImageRecord]) -> list[str]:
    return [record.name for record in records]


def test_by_length_keeps_the_order_of_those_that_are_alike() -> None:
    texts = {"a": "xx", "b": "", "c": "xx", "d": "x"}
    records = [ImageRecord(f"{name}.jpg", text=text) for name, text in texts.items()]
    assert names(by_length(records, longest_first=False)) == ["b.jpg", "d.jpg", "a.jpg", "c.jpg"]
    assert names(by_length(records, longest_first=True)) == ["a.jpg", "c.jpg", "d.jpg", "b.jpg"]


def test_newest_first_goes_by_the_tag_files_and_puts_images_without_one_last(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name, time in (("a", 100), ("sub/c", 300), ("d", 200)):
        (tmp_path / f"{name}.txt").write_text("x")
        os.utime(tmp_path / f"{name}.txt", (time, time))
    records = [ImageRecord(f"{name}.jpg") for name in ("a", "b", "sub/c", "d", "bad\0name")]
    assert names(newest_first(tmp_path, records)) == ["sub/c.jpg", "d.jpg", "a.jpg", "b.jpg", "bad\0name.jpg"]


def test_by_cluster_keeps_the_order_within_each_and_puts_images_outside_last() -> None:
    records = [ImageRecord(f"{name}.jpg") for name in "abcde"]
    numbers = {"b.jpg": 1, "c.jpg": 0, "d.jpg": 1, "e.jpg": 0, "gone.jpg": 0}
    assert names(by_cluster(records, numbers)) == ["c.jpg", "e.jpg", "b.jpg", "d.jpg", "a.jpg"]
