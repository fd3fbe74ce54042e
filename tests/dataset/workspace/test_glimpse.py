"""A folder is looked at before it is opened: counts and pictures as the opened dataset would have them, in no time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lib.dataset.scan.scanner import OpeningOptions, open_dataset
from lib.dataset.workspace.glimpse import Glimpse, glimpse
from tests.doubles.image_folder import image_folder


@pytest.fixture
def set_of_photos(tmp_path: Path) -> Path:
    folder = image_folder(tmp_path / "set", {"a.jpg": "x", "b.jpg": "y", "sub/c.jpg": "z", "sub/d.jpg": "w"})
    (folder / "b.txt").write_text("")
    (folder / "sub" / "d.txt").unlink()
    (folder / ".hidden.jpg").write_bytes(b"x")
    return folder


@pytest.mark.parametrize("recursive", [True, False])
def test_the_counts_are_those_of_the_dataset_that_is_opened(set_of_photos: Path, recursive: bool) -> None:
    found = glimpse(set_of_photos, recursive=recursive)
    dataset = open_dataset(set_of_photos, OpeningOptions(recursive))
    assert (found.images, found.captioned, found.whole) == (len(dataset), dataset.tagged, True)


def test_the_pictures_come_from_all_over_the_folder(tmp_path: Path) -> None:
    folder = image_folder(tmp_path / "set", {f"p{number}.jpg": "" for number in range(12)})
    assert glimpse(folder).pictures == ("p0.jpg", "p3.jpg", "p6.jpg", "p9.jpg")
    assert glimpse(folder, pictures=2).pictures == ("p0.jpg", "p6.jpg")


def test_one_that_takes_too_long_says_that_there_is_more(set_of_photos: Path) -> None:
    assert glimpse(set_of_photos, seconds=-1) == Glimpse(whole=False)


def test_what_leads_out_or_is_private_is_not_counted(set_of_photos: Path, tmp_path: Path) -> None:
    other = image_folder(tmp_path / "other", {"e.jpg": "x"})
    (set_of_photos / "link.jpg").symlink_to(other / "e.jpg")
    (set_of_photos / "out").symlink_to(other)
    assert glimpse(set_of_photos).images == 4
    assert glimpse(set_of_photos, private=[set_of_photos / "sub"]).images == 2


def test_a_folder_that_is_gone_or_may_not_be_read_holds_nothing(set_of_photos: Path) -> None:
    assert glimpse(set_of_photos / "gone") == Glimpse()
    (set_of_photos / "sub").chmod(0)
    try:
        expected = 4 if os.access(set_of_photos / "sub", os.R_OK) else 2
        assert glimpse(set_of_photos).images == expected
    finally:
        (set_of_photos / "sub").chmod(0o755)
