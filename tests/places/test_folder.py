"""A folder as a place: what is listed, and that a file is written whole or not at all."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from lib.errors import InvalidInput, PlaceFailed, WriteFailed
from lib.places import place_at
from lib.places.folder import FolderPlace
from lib.urls import parse_url
from tests.doubles.image_folder import FailingFiles


def test_files_are_listed_by_name_then_those_of_the_folders_below(tmp_path: Path) -> None:
    for name in ("b.txt", "a.jpg", "z/d.jpg", "c/e.jpg", ".hidden", ".git/x", "c/.~temp"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"123")
    found = list(place_at(str(tmp_path)).files())
    assert [entry.name for entry in found] == ["a.jpg", "b.txt", "c/e.jpg", "z/d.jpg"]
    assert {entry.size for entry in found} == {3}


def test_links_to_folders_pipes_and_links_to_nothing_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"1")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "a.jpg")
    (tmp_path / "nothing.jpg").symlink_to(tmp_path / "gone")
    (tmp_path / "round").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.jpg")
    assert [entry.name for entry in place_at(str(tmp_path)).files()] == ["a.jpg", "link.jpg"]


def test_a_place_that_is_not_there_lists_nothing_and_is_made_by_the_first_file(tmp_path: Path) -> None:
    place = place_at(str(tmp_path / "a" / "b"))
    assert list(place.files()) == []
    assert place.read("c.bin") is None
    place.put("d/c.bin", b"data")
    assert place.read("d/c.bin") == b"data"
    place.remove("d/c.bin")
    place.remove("d/c.bin")
    assert list(place.files()) == []


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/../../b", "a\\b", "", "a\0b"])
def test_no_name_leads_out(tmp_path: Path, name: str) -> None:
    place = place_at(str(tmp_path))
    with pytest.raises(InvalidInput):
        place.open(name)
    with pytest.raises(InvalidInput):
        place.put(name, b"")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PlaceFailed):
        place_at(str(tmp_path)).open("pipe")


@pytest.mark.parametrize("as_file", [False, True])
def test_whatever_call_fails_the_old_file_or_the_new_one_is_whole_and_nothing_else_is_listed(
    tmp_path: Path, as_file: bool
) -> None:
    new = b"new" * 1000
    (tmp_path / "source").write_bytes(new)
    calls = 0
    while True:
        folder = tmp_path / f"sink{calls}"
        folder.mkdir()
        (folder / "part").write_bytes(b"old")
        files = FailingFiles(calls)
        place = FolderPlace(parse_url(str(folder)), files)
        try:
            place.put("part", tmp_path / "source" if as_file else new)
        except WriteFailed:
            assert [entry.name for entry in place.files()] == ["part"]
            assert place.read("part") in (b"old", new)
            assert [path.name for path in folder.iterdir()] == ["part"]
            calls += 1
            continue
        assert place.read("part") == new
        break
    assert calls == len(files.calls) >= 3


def test_a_long_listing_is_streamed(tmp_path: Path) -> None:
    for number in range(20_000):
        (tmp_path / f"{number:06d}.jpg").touch()
    listed = place_at(str(tmp_path)).files()
    tracemalloc.start()
    try:
        assert sum(1 for _ in listed) == 20_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # A million names within 300 MB.
    assert peak / 20_000 < 300
