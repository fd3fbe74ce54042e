"""A directory of two hundred thousand entries, of which few are images, opens in seconds."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from lib.dataset.scan.scanner import open_dataset

pytestmark = pytest.mark.large

_ENTRIES, _IMAGES = 200_000, 20_000


def test_two_hundred_thousand_entries_in_one_directory_open_in_ten_seconds(tmp_path: Path) -> None:
    for number in range(_ENTRIES):
        kind = ("jpg", "txt")[number % 2] if number < 2 * _IMAGES else "bin"
        os.close(
            os.open(tmp_path / f"{number // 2 if number < 2 * _IMAGES else number}.{kind}", os.O_CREAT | os.O_WRONLY)
        )
    start = time.thread_time()
    assert len(open_dataset(tmp_path)) == _IMAGES
    assert time.thread_time() - start < 10
