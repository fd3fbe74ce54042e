"""The indexes in memory: the last few datasets, each as of one version, and none that nobody asks for."""

from __future__ import annotations

import time
from pathlib import Path
from weakref import ref

from lib.dataset.base import Dataset
from lib.dataset.scan.scanner import open_dataset
from lib.review.find import MeaningIndex
from lib.review.meanings import MOST, MeaningIndexes
from tests.doubles.embedder import WordEmbedder
from tests.doubles.image_folder import image_folder


def dataset(root: Path) -> Dataset:
    return open_dataset(image_folder(root))


def index() -> MeaningIndex:
    return MeaningIndex((), WordEmbedder(), None)


def test_an_index_is_found_again_with_the_version_that_it_was_made_of(tmp_path):
    kept, one, made = MeaningIndexes(), dataset(tmp_path / "one"), index()
    assert kept.of(one) is None
    kept.keep(one, 3, made)
    assert kept.of(one) == (3, made)


def test_an_index_of_older_captions_never_takes_the_place_of_a_newer_one(tmp_path):
    kept, one, newer = MeaningIndexes(), dataset(tmp_path / "one"), index()
    kept.keep(one, 3, newer)
    kept.keep(one, 2, index())
    assert kept.of(one) == (3, newer)


def test_only_the_datasets_asked_for_last_stay_in_memory(tmp_path):
    kept = MeaningIndexes()
    several = [dataset(tmp_path / str(number)) for number in range(MOST + 1)]
    for one in several[:MOST]:
        kept.keep(one, 1, index())
    kept.of(several[0])
    kept.keep(several[MOST], 1, index())
    assert [kept.of(one) is not None for one in several] == [True, *[False] * (MOST - 1), True]


def test_what_nobody_asks_for_is_let_go(tmp_path):
    made = index()
    seen = ref(made)
    kept = MeaningIndexes(lambda: 0.0)
    kept.keep(dataset(tmp_path / "one"), 1, made)
    del made
    end = time.monotonic() + 10
    while seen() is not None and time.monotonic() < end:
        time.sleep(0.01)
    assert seen() is None
