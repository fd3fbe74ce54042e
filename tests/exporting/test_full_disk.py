"""A disk that is full in the middle of an export or an import: nothing half is left, and what was there stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from lib.errors import WriteFailed
from lib.exporting.registry import EXPORTERS
from lib.importing.base import ImportChoices, ImportTarget
from lib.importing.import_into import import_into
from lib.settings import Settings
from tests.dataset.saving.test_reliability import contents, small_disk
from tests.exporting.conftest import Exported, names_in

__all__ = ["small_disk"]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """About 1.5 MB, of which captions are 600 kB."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(20):
        Image.effect_noise((300, 200), 90).save(folder / f"{number}.jpg")
        (folder / f"{number}.txt").write_text("".join(chr(33 + (number * 7 + n * n) % 90) for n in range(30_000)))
    return folder


@pytest.mark.parametrize("format", [format for format in EXPORTERS if format != "sidecars"])
def test_a_full_disk_keeps_nothing_of_an_export(
    photos: Path, small_disk: Path, exported: Exported, format: str
) -> None:
    (small_disk / "mine.txt").write_text("mine")
    with pytest.raises(WriteFailed, match="disk is full") as caught:
        exported(photos, format, small_disk)
    assert "Nothing of it is left" in caught.value.hint
    assert contents(small_disk) == {"mine.txt": b"mine"}
    assert names_in(small_disk) == ["mine.txt"]


def test_a_full_disk_leaves_the_dataset_as_it_was(photos: Path, small_disk: Path, configured: Settings) -> None:
    (small_disk / "0.txt").write_text("mine")
    with pytest.raises(WriteFailed, match="disk is full") as caught:
        import_into(photos, ImportTarget(small_disk, configured, "local"), ImportChoices("overwrite"))
    assert "What was there is unchanged" in caught.value.hint
    assert contents(small_disk) == {"0.txt": b"mine"}
    assert names_in(small_disk) == ["0.txt"]
