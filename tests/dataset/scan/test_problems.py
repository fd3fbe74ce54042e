"""Broken images are found without opening any twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.dataset.scan import problems
from lib.dataset.scan.problems import check_images
from lib.dataset.scan.scanner import open_dataset
from tests.doubles.image_folder import image_folder
from tests.doubles.onlooker import Onlooker


def test_a_check_names_broken_images_and_remembers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = image_folder(tmp_path, 6)
    (root / "photo3.jpg").write_bytes((root / "photo3.jpg").read_bytes()[:200])
    dataset = open_dataset(root)
    onlooker = Onlooker()
    found = check_images(dataset, progress=onlooker)
    assert list(found) == list(dataset.unreadable) == ["photo3.jpg"]
    assert onlooker.told[0] == (0, 6)
    assert onlooker.told[-1] == (6, 6)
    opened: list[str] = []
    monkeypatch.setattr(problems, "check_image", lambda path: opened.append(path.name))
    assert list(check_images(dataset)) == ["photo3.jpg"]
    assert opened == []


def test_a_cancelled_check_stops(tmp_path: Path) -> None:
    dataset = open_dataset(image_folder(tmp_path, 60))
    onlooker = Onlooker(lambda who: who.told[-1][0] > 5)
    check_images(dataset, progress=onlooker)
    assert 5 < onlooker.told[-1][0] < 60


def test_an_image_that_was_replaced_since_the_last_check_is_looked_at_again(tmp_path: Path) -> None:
    root = image_folder(tmp_path, 2)
    whole = (root / "photo0.jpg").read_bytes()
    (root / "photo0.jpg").write_bytes(whole[:200])
    dataset = open_dataset(root)
    assert list(check_images(dataset)) == ["photo0.jpg"]
    (root / "photo0.jpg").write_bytes(whole)
    (root / "photo1.jpg").write_bytes(whole[:200])
    assert list(check_images(dataset)) == ["photo1.jpg"]
