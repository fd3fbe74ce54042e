"""Many who open one folder in the same moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lib.dataset.scan.scanner import DatasetCache
from lib.errors import FolderRefused
from tests.doubles.image_folder import image_folder

_COUNT = 12


def test_those_who_open_a_folder_at_once_get_the_same_dataset(tmp_path: Path) -> None:
    cache, root = DatasetCache(), image_folder(tmp_path / "photos", 40)
    gate = threading.Barrier(_COUNT)

    def open_it(_: int) -> object:
        gate.wait()
        return cache.open(root)

    with ThreadPoolExecutor(_COUNT) as pool:
        first, *others = pool.map(open_it, range(_COUNT))
    assert all(other is first for other in others)


def test_a_folder_that_could_not_be_opened_is_tried_again_by_the_next(tmp_path: Path) -> None:
    cache, root = DatasetCache(), tmp_path / "photos"
    with pytest.raises(FolderRefused):
        cache.open(root)
    assert len(cache.open(image_folder(root)).records) == 3
