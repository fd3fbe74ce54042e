"""A bucket as a place, and jobs from one bucket to another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from lib.engine import EngineOptions
from lib.errors import InvalidInput, PlaceFailed, WriteFailed
from lib.part_jobs import JobEnd, JobRequest, job_status, run_job
from lib.places import place_at
from tests.doubles.bucket import SECRET, loopback_bucket
from tests.doubles.image_folder import image_folder

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with loopback_bucket(monkeypatch) as url:
        yield url


def test_files_are_put_listed_read_and_removed(bucket: str, tmp_path: Path) -> None:
    place = place_at(f"{bucket}/sink")
    assert list(place.files()) == []
    assert place.read("a.bin") is None
    with pytest.raises(FileNotFoundError), place.open("a.bin"):
        pass
    (tmp_path / "file").write_bytes(b"from a file")
    place.put("b/c.bin", tmp_path / "file")
    for name in ("b.txt", "a.bin", ".hidden", "b/.hidden/x"):
        place.put(name, b"data")
    assert [(entry.name, entry.size) for entry in place.files()] == [("a.bin", 4), ("b.txt", 4), ("b/c.bin", 11)]
    assert [entry.name for entry in place.files("b")] == ["b/c.bin"]
    assert [entry.name for entry in place.files(recursive=False)] == ["a.bin", "b.txt"]
    with place.open("b/c.bin") as file:
        file.seek(5)
        assert file.read() == b"a file"
    place.remove("a.bin")
    place.remove("a.bin")
    assert place.read("a.bin") is None


def test_a_stamp_changes_with_the_content(bucket: str) -> None:
    place = place_at(bucket)
    stamps = []
    for data in (b"one", b"two", b"one"):
        place.put("a", data)
        stamps += [entry.stamp for entry in place.files()]
    assert stamps[0] == stamps[2] != stamps[1]


@pytest.mark.slow
def test_more_than_a_page_of_names_is_listed(bucket: str) -> None:
    place = place_at(f"{bucket}/many")
    for number in range(1_005):
        place.put(f"{number:05d}", b"")
    assert [entry.name for entry in place.files()] == [f"{number:05d}" for number in range(1_005)]


@pytest.mark.parametrize("name", ["../a", "/a", "a/../../b"])
def test_no_name_leads_out(bucket: str, name: str) -> None:
    with pytest.raises(InvalidInput):
        place_at(f"{bucket}/folder").put(name, b"")


def test_a_bucket_that_is_not_there_or_not_reached_is_a_sentence_without_a_key(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises((PlaceFailed, WriteFailed)) as failed:
        place_at("s3://no-such-bucket-here/a").put("a", b"")
    assert "s3://no-such-bucket-here/a was not written to" in str(failed.value)
    assert SECRET not in str(failed.value)


def rows(url: str) -> list[dict[str, Any]]:
    place = place_at(url)
    found = []
    for entry in place.files():
        if entry.name.endswith(".parquet"):
            with place.open(entry.name) as file:
                found += pyarrow.parquet.read_table(pyarrow.BufferReader(file.read())).to_pylist()
    return found


def job(source: object, sink: object, stage: str = "import") -> JobEnd:
    return run_job(JobRequest(stage, {}, str(source), str(sink), "local", EngineOptions(1), 3))


def test_a_job_from_a_bucket_to_a_bucket_is_that_of_the_folder_and_goes_on_where_it_stood(
    bucket: str, tmp_path: Path
) -> None:
    photos = image_folder(
        tmp_path / "photos", {f"sub/photo{n}.jpg": f"caption {n}" for n in range(7)} | {"z.png": None}
    )
    (photos / "sub" / "photo3.jpg").write_bytes(b"no image")
    source = place_at(f"{bucket}/photos")
    for path in photos.rglob("*.*"):
        source.put(path.relative_to(photos).as_posix(), path)
    end = job(source, f"{bucket}/sink")
    assert (end.done, end.failed, end.parts, end.error) == (7, 1, 3, "")
    job(photos, tmp_path / "sink")
    assert rows(f"{bucket}/sink") == rows(str(tmp_path / "sink"))
    place_at(f"{bucket}/sink").remove("part-000001.parquet")
    again = job(source, f"{bucket}/sink")
    assert (again.made, again.reused) == (1, 5)
    assert job_status(f"{bucket}/sink").parts_done == 3
    source.put("sub/photo1.txt", b"another caption")
    with pytest.raises(InvalidInput, match="listing of the source has changed"):
        job(source, f"{bucket}/sink")


def test_no_key_is_in_what_is_written(bucket: str, tmp_path: Path) -> None:
    job(image_folder(tmp_path / "photos", 2), f"{bucket}/sink")
    place = place_at(f"{bucket}/sink")
    for entry in place.files():
        assert SECRET.encode() not in (place.read(entry.name) or b"")
