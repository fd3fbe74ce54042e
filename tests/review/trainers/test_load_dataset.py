"""The profile of Hugging Face's datasets is held to what the program itself does with names."""

from __future__ import annotations

import pytest

from tests.doubles.image_folder import image_folder
from tests.review.trainers.test_trainers import told


@pytest.mark.slow
@pytest.mark.parametrize(
    "names",
    [
        ("test/a.jpg", "more/b.jpg"),
        ("my-dev-set/a.jpg", "more/b.jpg"),
        ("val_1/a.jpg", "x/b.jpg"),
        ("a_test.jpg", "b.jpg"),
        ("photo test 1.jpg", "b.jpg"),
        ("TEST/a.jpg", "b.jpg"),
        ("(test)/a.jpg", "b.jpg"),
        ("contest/a.jpg", "devil.jpg"),
        ("train/a.jpg", "more/b.jpg"),
        ("train/a.jpg", "test/b.jpg"),
    ],
)
def test_names_are_taken_for_splits_as_load_dataset_takes_them(tmp_path, monkeypatch, names):
    from datasets import load_dataset

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    root = image_folder(tmp_path / "set", dict.fromkeys(names))
    found, is_ready = told(root, "huggingface")
    splits = load_dataset(str(root), cache_dir=str(tmp_path / "cache"))
    assert is_ready == ("train" in splits)
    assert bool(found) == (sum(map(len, splits.values())) < len(names) or not is_ready)
