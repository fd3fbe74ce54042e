"""What is saved, edited, renamed, uploaded or imported is on the disk before it has its name."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from lib.dataset.journal.journal import Journal
from lib.dataset.saving.operations import Edit, Operations
from lib.dataset.saving.rename import rename_image
from lib.dataset.saving.store import Store
from lib.dataset.tag_files.sidecar import hash_of
from lib.dataset.workspace.uploads import UploadSpace
from lib.domain import ImageRecord
from lib.importing.base import ImportChoices, ImportTarget
from lib.importing.import_into import import_into
from lib.settings import Settings
from tests.dataset.saving.test_store import store_for
from tests.doubles.durable import Disk
from tests.doubles.image_folder import draw_image, image_folder


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def store_on(root: Path, settings: Settings) -> Store:
    return Store(root, Journal(settings.home / "j.sqlite"), "local", settings)


def test_a_saved_caption_is_kept(tmp_path: Path, settings: Settings, disk: Disk) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "a"})
    disk.settle(root)
    store_on(root, settings).save(ImageRecord("a.jpg"), "A", hash_of(b"a"))
    assert (disk.early, disk.lost(root)) == ([], [])


@pytest.mark.parametrize("files", [3, 40])
def test_a_bulk_edit_and_its_undo_are_kept(tmp_path: Path, settings: Settings, disk: Disk, files: int) -> None:
    names = [f"s{number % 2}/{number}.jpg" for number in range(files)]
    root = image_folder(tmp_path / "data", dict.fromkeys(names, "a"))
    disk.settle(root)
    operations = Operations(store_on(root, settings))
    operations.apply([Edit(name, hash_of(b"a"), "A") for name in names], "replace")
    for turn in (operations.undo, operations.redo):
        assert (disk.early, disk.lost(root)) == ([], [])
        turn()
    assert (disk.early, disk.lost(root)) == ([], [])


def test_a_renamed_image_and_its_caption_are_kept(tmp_path: Path, settings: Settings, disk: Disk) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "both", "a.png": None})
    disk.settle(root)
    rename_image(store_on(root, settings), ImageRecord("a.png"), "b")
    assert (root / "b.txt").read_text() == "both"
    assert (disk.early, disk.lost(root)) == ([], [])


def test_an_upload_is_on_the_disk_before_it_has_a_name(tmp_path: Path, settings: Settings, disk: Disk) -> None:
    source = image_folder(tmp_path / "source", {"a.jpg": "a"})
    files = [(path.name, io.BytesIO(path.read_bytes())) for path in source.iterdir()]
    assert len(UploadSpace(settings, "me").save("set", files).added) == 2
    assert disk.early == []


def test_an_import_and_its_undo_are_kept(tmp_path: Path, settings: Settings, disk: Disk) -> None:
    source, root = image_folder(tmp_path / "source", 3), image_folder(tmp_path / "data", {"photo0.jpg": "mine"})
    draw_image(root / "photo0.jpg", size=(90, 60))
    disk.settle(root)
    taken = import_into(source, ImportTarget(root, settings, "local"), ImportChoices("overwrite"))
    assert taken.added == 3
    assert (disk.early, disk.lost(root)) == ([], [])
    assert taken.replaced is not None
    operations = Operations(store_for(root, settings))
    for turn in (operations.undo, operations.redo):
        assert turn().images == 3
        assert (disk.early, disk.lost(root)) == ([], [])
