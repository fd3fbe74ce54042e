"""What is asked of a dataset: enough for those who only use one, and answered alike however the samples are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lib.dataset.base import Dataset
from lib.dataset.scan.folder_dataset import FolderDataset
from lib.dataset.scan.problems import check_images
from lib.dataset.scan.scanner import open_dataset
from lib.domain import ImageRecord
from lib.tables.dataset import TableDataset
from lib.tables.opening import open_table
from tests.doubles.image_folder import image_folder, settings_at
from tests.doubles.memory_dataset import MemoryDataset
from tests.doubles.tables import write_table

CAPTIONS = {"a.jpg": "a cat", "b.jpg": b"\x81\xff", "train/c2.jpg": " \n", "train/c10.jpg": None, "x/y/d.jpg": "a dog"}


def asked_for() -> set[str]:
    return {name for name in vars(Dataset) if not name.startswith("_")}


def in_memory(root: Path) -> MemoryDataset:
    found = MemoryDataset(open_dataset(root).records)
    found.root = root
    return found


def in_a_table(root: Path) -> TableDataset:
    """The images stay in the folder, and a table beside it holds names and captions."""
    rows = [(record.name, record.text) for record in open_dataset(root).records]
    return open_table(write_table(root / "captions.parquet", rows), settings_at(root / "home"))


@pytest.fixture(params=[open_dataset, in_memory, in_a_table])
def dataset(request: pytest.FixtureRequest, tmp_path: Path) -> Dataset:
    opens: Callable[[Path], Dataset] = request.param
    return opens(image_folder(tmp_path / "photos", CAPTIONS))


def test_the_dataset_in_memory_offers_nothing_else() -> None:
    offered = {name for name in dir(MemoryDataset([])) if not name.startswith("_")}
    assert offered == asked_for()


def test_a_dataset_answers_by_name_and_by_place(dataset: Dataset) -> None:
    names = ["a.jpg", "b.jpg", "train/c2.jpg", "train/c10.jpg", "x/y/d.jpg"]
    assert [record.name for record in dataset.records] == names
    assert len(dataset) == 5
    assert [dataset.index_of(name) for name in names] == [0, 1, 2, 3, 4]
    assert dataset.get("x/y/d.jpg") == dataset.records[4]
    assert (dataset.get("gone.jpg"), dataset.index_of("gone.jpg")) == (None, None)


def test_a_dataset_counts_what_it_holds(dataset: Dataset) -> None:
    assert dataset.tagged == 2
    assert dict(dataset.folders) == {"": 2, "train": 2, "x/y": 1}
    # A table has no tag files, which could be damaged.
    assert list(dataset.undecodable) == ([] if isinstance(dataset, TableDataset) else ["b.jpg"])
    assert (dataset.unsettled(), dict(dataset.shared_stems)) == ([], {})
    assert (list(dataset.orphans), dict(dataset.unlistable)) == ([], {})


def test_a_dataset_counts_the_tag_files_with_nothing_in_them(dataset: Dataset) -> None:
    assert dataset.empty == 0
    if isinstance(dataset, TableDataset):
        return
    (dataset.root / "train/c10.txt").touch()
    assert open_dataset(dataset.root).empty == in_memory(dataset.root).empty == 1


def test_a_snapshot_stays_as_it_is(dataset: Dataset) -> None:
    before = dataset.snapshot()
    if isinstance(dataset, TableDataset):
        dataset.take({"a.jpg": "another"}, "edit")
    else:
        _put(dataset, replace(dataset.records[0], text="another"))
    assert (before[0].text, dataset.snapshot()[0].text) == ("a cat", "another")
    assert [record.text for record in before[1:]] == [record.text for record in dataset.records[1:]]


def _put(dataset: Dataset, record: ImageRecord) -> None:
    """As a save does it."""
    if isinstance(dataset, FolderDataset):
        dataset.replace(record)
    else:
        dataset.records[dataset.index_of(record.name)] = record  # type: ignore[index]


def test_a_check_of_the_images_is_told_and_makes_a_new_version(dataset: Dataset) -> None:
    folder = dataset.root.parent if isinstance(dataset, TableDataset) else dataset.root
    (folder / "x/y/d.jpg").write_bytes(b"no image")
    before = dataset.version
    assert list(check_images(dataset)) == list(dataset.unreadable) == ["x/y/d.jpg"]
    assert dataset.version > before
    dataset.report({})
    assert not dataset.unreadable
