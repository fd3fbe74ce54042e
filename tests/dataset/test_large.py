"""A folder of a hundred thousand images: all of them are found, filtered, changed and changed back."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from lib.bulk.applying import apply_changes
from lib.bulk.replacing import plan_replace
from lib.dataset.saving.operations import Operations
from lib.dataset.scan.scanner import open_dataset
from lib.find import Find
from lib.scope import Scope, count_in, select_in
from lib.settings import Settings
from tests.dataset.saving.test_store import leftovers, store_for

pytestmark = pytest.mark.large

_IMAGES = 100_000


def caption(number: int) -> str:
    """Empty for every tenth, a cat in every third, a sofa in every second."""
    if number % 10 == 0:
        return ""
    return f"photo {number}" + ", a cat" * (number % 3 == 0) + ", red sofa" * (number % 2 == 0)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hundred folders of five hundred images. What the images hold is not looked at when a folder is opened."""
    folder = tmp_path_factory.mktemp("large")
    for number in range(_IMAGES):
        stem = folder / f"{number // 500:03d}" / f"photo_{number:06d}"
        if number % 500 == 0:
            stem.parent.mkdir()
        stem.with_suffix(".jpg").write_bytes(b"\xff\xd8\xff")
        if text := caption(number):
            stem.with_suffix(".txt").write_text(text)
    return folder


def digest(root: Path) -> str:
    """All tag files, by name and content."""
    found = hashlib.sha256()
    for path in sorted(root.rglob("*.txt")):
        found.update(f"{path.relative_to(root)}\0{path.read_text()}\0".encode())
    return found.hexdigest()


def test_every_image_is_found_in_order_with_its_caption(root: Path) -> None:
    dataset = open_dataset(root)
    assert [record.name for record in dataset.records] == [
        f"{number // 500:03d}/photo_{number:06d}.jpg" for number in range(_IMAGES)
    ]
    assert [record.text for record in dataset.records] == [caption(number) for number in range(_IMAGES)]
    assert (len(dataset), dataset.tagged) == (_IMAGES, _IMAGES * 9 // 10)
    assert open_dataset(root, previous=dataset) is dataset


def test_a_filter_finds_all_of_them_and_no_other(root: Path) -> None:
    dataset = open_dataset(root)
    found = select_in(Scope(query="cat -sofa"), dataset)
    cats = [number for number in range(_IMAGES) if "cat" in caption(number) and "sofa" not in caption(number)]
    assert [record.text for record in found] == [caption(number) for number in cats]
    counted = count_in(Scope(query="cat, sofa", folder="007"), dataset)
    texts = [caption(number) for number in range(3_500, 4_000)]
    assert counted.images == 500
    assert dict(counted.counts) == {word: sum(word in text for text in texts) for word in ("cat", "sofa")}


def test_a_bulk_edit_of_a_third_of_them_is_done_and_undone_byte_by_byte(root: Path, configured: Settings) -> None:
    dataset, before = open_dataset(root), digest(root)
    plan = plan_replace(dataset.records, Find("cat"), "large dog")
    cats = [number for number in range(_IMAGES) if "cat" in caption(number)]
    assert [change.after for change in plan] == [caption(number).replace("cat", "large dog") for number in cats]
    store = store_for(root, configured, dataset=dataset)
    applied = apply_changes(store, plan, "replace")
    assert (applied.changed, applied.left_alone) == (len(cats), ())
    assert [record.text for record in dataset.records] == [
        caption(number).replace("cat", "large dog") for number in range(_IMAGES)
    ]
    assert [record.text for record in open_dataset(root).records] == [record.text for record in dataset.records]
    assert Operations(store).undo().restored == len(cats)
    assert digest(root) == before
    assert not leftovers(root)
