"""Counts of tags and words that follow every edit."""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from lib.dataset.scan.folder_dataset import FolderDataset
from lib.dataset.scan.scanner import open_dataset
from lib.domain import ImageRecord, SidecarState
from lib.text import split_tags
from lib.words import Vocabulary, stop_words
from tests.doubles.memory_dataset import MemoryDataset


def dataset_of(folder: Path, captions: list[str]) -> FolderDataset:
    for number, caption in enumerate(captions):
        Image.new("RGB", (8, 8)).save(folder / f"{number:02d}.jpg")
        (folder / f"{number:02d}.txt").write_text(caption, encoding="utf-8")
    return open_dataset(folder)


def counted(dataset: FolderDataset | MemoryDataset) -> Vocabulary:
    vocabulary = Vocabulary()
    vocabulary.refresh(dataset)
    return vocabulary


def test_tags_are_counted_once_an_image(tmp_path: Path) -> None:
    vocabulary = counted(dataset_of(tmp_path, ["cat, sofa, cat", "cat, window", ""]))
    assert vocabulary.kind == "tags"
    assert vocabulary.top(9) == [("cat", 2), ("sofa", 1), ("window", 1)]
    assert vocabulary.top(9, "WIN") == [("window", 1)]
    assert vocabulary.distinct == 3


def test_sentences_give_words_without_stop_words(tmp_path: Path) -> None:
    vocabulary = counted(dataset_of(tmp_path, ["A dog runs on the beach.", "The dog sleeps in its basket, I think."]))
    assert vocabulary.kind == "words"
    assert vocabulary.top(1) == [("dog", 2)]
    assert "the" in stop_words()
    assert not {"the", "on", "i"} & {term for term, _ in vocabulary.top(99)}


def test_counts_follow_edits_as_a_count_from_scratch_would(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, ["cat, sofa", "dog, sofa", "bird, tree"])
    vocabulary = counted(dataset)
    for place, text in [(0, "cat, window"), (1, ""), (0, "dog, tree"), (2, "bird, tree")]:
        dataset.replace(replace(dataset.records[place], text=text, state=SidecarState.TEXT))
        vocabulary.refresh(dataset)
        expected = Counter(tag for record in dataset.records for tag in set(split_tags(record.text)))
        assert dict(vocabulary.top(99)) == dict(expected)


@pytest.mark.parametrize("at_once", [1, 40])
def test_counts_and_order_after_many_edits_are_those_of_a_fresh_count(at_once: int, seed: int) -> None:
    chance = random.Random(seed)
    tags = [f"tag {number}" for number in range(400)]

    def caption() -> str:
        return ", ".join(chance.sample(tags, chance.randrange(12)))

    dataset = MemoryDataset([ImageRecord(f"{n:03d}.jpg", text=caption()) for n in range(120)])
    vocabulary = counted(dataset)
    for _ in range(60):
        for place in chance.sample(range(120), at_once):
            dataset.records[place] = replace(dataset.records[place], text=caption())
        dataset.version += 1
        vocabulary.refresh(dataset)
        assert vocabulary.top(999) == counted(dataset).top(999)


def test_a_folder_that_becomes_tagged_with_tags_lists_tags(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, ["", "", ""])
    vocabulary = counted(dataset)
    for place in range(3):
        dataset.replace(replace(dataset.records[place], text="dog, red sofa", state=SidecarState.TEXT))
    vocabulary.refresh(dataset)
    assert vocabulary.top(9) == [("dog", 3), ("red sofa", 3)]


@pytest.mark.parametrize("changed", [False, True])
def test_a_recount_is_due_only_when_images_came_or_went(tmp_path: Path, changed: bool) -> None:
    vocabulary = counted(dataset_of(tmp_path, ["cat, sofa", "dog, sofa"]))
    if changed:
        Image.new("RGB", (8, 8)).save(tmp_path / "new.jpg")
    assert vocabulary.must_recount(open_dataset(tmp_path)) is changed


def test_words_of_a_dataset_that_is_no_folder_are_counted_alike() -> None:
    dataset = MemoryDataset([ImageRecord(f"{n}.jpg", text=text) for n, text in enumerate(["cat, sofa", "cat"])])
    vocabulary = counted(dataset)
    assert vocabulary.top(9) == [("cat", 2), ("sofa", 1)]
    dataset.records[1] = ImageRecord("1.jpg", text="sofa")
    dataset.version += 1
    vocabulary.refresh(dataset)
    assert vocabulary.top(9) == [("sofa", 2), ("cat", 1)]


def test_a_dataset_that_has_the_id_of_one_that_was_let_go_is_counted_all_the_same() -> None:
    dataset = MemoryDataset([ImageRecord("0.jpg", text="cat, sofa")])
    vocabulary = counted(dataset)
    # The same id and the same version, as those of a folder that is opened after another one was let go.
    dataset.records.append(ImageRecord("1.jpg", text="cat, red"))
    vocabulary.refresh(dataset)
    assert not vocabulary.must_recount(dataset)
    assert vocabulary.top(1) == [("cat", 2)]


class _SlowDataset(MemoryDataset):
    """Its captions are read as slowly as the test wants."""

    def __init__(self, records: list[ImageRecord]) -> None:
        self.is_asked, self.may_go_on = threading.Event(), threading.Event()
        self.may_go_on.set()
        self._slow = records
        super().__init__(records)

    @property
    def records(self) -> list[ImageRecord]:
        self.is_asked.set()
        assert self.may_go_on.wait(30)
        return self._slow

    @records.setter
    def records(self, records: list[ImageRecord]) -> None:
        self._slow = records


def test_a_page_does_not_wait_while_another_counts_and_shows_what_was_counted_before() -> None:
    dataset = _SlowDataset([ImageRecord("0.jpg", text="cat, sofa"), ImageRecord("1.jpg", text="cat, dog")])
    vocabulary = counted(dataset)
    dataset.records[1] = ImageRecord("1.jpg", text="cat, bird")
    dataset.version += 1
    dataset.is_asked.clear()
    dataset.may_go_on.clear()
    other = threading.Thread(target=vocabulary.refresh, args=(dataset,))
    other.start()
    assert dataset.is_asked.wait(30)
    vocabulary.refresh(MemoryDataset(list(dataset._slow)), within=0)
    assert dict(vocabulary.top(9)) == {"cat": 2, "dog": 1, "sofa": 1}
    dataset.may_go_on.set()
    other.join()
    assert dict(vocabulary.top(9)) == {"bird": 1, "cat": 2, "sofa": 1}
