"""A new name for an image, with or without a caption of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.dataset.saving.rename import rename_image
from lib.dataset.scan.scanner import open_dataset
from lib.domain import ImageRecord
from lib.settings import Settings
from tests.dataset.saving.test_store import store_for
from tests.doubles.image_folder import image_folder

pytestmark = pytest.mark.usefixtures("kept_either_way")


def test_an_image_without_a_caption_is_renamed_and_still_has_none(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": None})
    dataset = open_dataset(root)
    renamed = rename_image(store_for(root, settings, dataset=dataset), dataset.records[0], "b")
    assert (renamed.name, [record.name for record in dataset.records]) == ("b.jpg", ["b.jpg"])
    assert [path.name for path in root.iterdir()] == ["b.jpg"]


def test_an_image_that_an_opening_does_not_know_is_renamed_all_the_same(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": None})
    dataset = open_dataset(root)
    image_folder(root, {"new.jpg": "came since"})
    renamed = rename_image(store_for(root, settings, dataset=dataset), ImageRecord("new.jpg"), "b")
    assert (renamed.name, renamed.text, (root / "b.txt").read_text()) == ("b.jpg", "came since", "came since")
    assert [record.name for record in dataset.records] == ["a.jpg"]
