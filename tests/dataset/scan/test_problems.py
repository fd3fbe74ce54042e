"""Broken images are found without opening any twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.dataset.scan import problems
from lib.dataset.scan.problems import check_images
from lib.dataset.scan.scanner import open_dataset
from tests.doubles.image_folder import image_folder


def test_a_check_names_broken_images_and_remembers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = image_folder(tmp_path, 6)
    (root / "photo3.jpg").write_bytes((root / "photo3.jpg").read_bytes()[:200])
    dataset = open_dataset(root)
    steps: list[tuple[int, int]] = []
    found = check_images(dataset, advance=lambda done, total: steps.append((done, total)))
    assert list(found) == list(dataset.unreadable) == ["photo3.jpg"]
    assert steps[0] == (0, 6)
    assert steps[-1] == (6, 6)
    opened: list[str] = []
    monkeypatch.setattr(problems, "check_image", lambda path: opened.append(path.name))
    assert list(check_images(dataset)) == ["photo3.jpg"]
    assert opened == []


def test_a_cancelled_check_stops(tmp_path: Path) -> None:
    dataset = open_dataset(image_folder(tmp_path, 60))
    steps: list[int] = []
    check_images(dataset, advance=lambda done, _: steps.append(done), cancelled=lambda: bool(steps and steps[-1] > 5))
    assert steps[-1] < 60
