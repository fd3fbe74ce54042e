"""What the checks tell of photos as people took them, with captions as people wrote them: little, and true."""

from __future__ import annotations

import csv
import shutil

import pytest

from lib.dataset.scan.scanner import OpeningOptions, open_dataset
from lib.review import review
from lib.review.captions.tag_sets import tag_set
from tests.review.opened import opened

CUT = {"2438085746_588dce8724.jpg", "3159569570_dff24e7be9.jpg"}
""" "A black and white dog catc", "A group of": that is how they were published."""


@pytest.mark.slow
def test_of_1900_photos_one_in_a_hundred_is_told_and_the_captions_that_were_cut_are_among_them(test_data, tmp_path):
    folder = test_data / "photos" / "flickr8k_2000"
    root = tmp_path / "set"
    shutil.copytree(folder / "Images", root, copy_function=shutil.copyfile)
    first: dict[str, str] = {}
    with (folder / "captions.txt").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            first.setdefault(row["image"], row["caption"])
    for name, text in first.items():
        (root / name).with_suffix(".txt").write_text(text.strip(), encoding="utf-8")
    found = review(opened(root).samples, ["captions", "pictures", "trainer"])
    cut = {finding.images[0] for finding in found.findings if finding.kind == "cut_off"}
    assert cut >= CUT
    assert len(found.findings) <= 19
    assert not found.has_errors
    assert all(found.ready.values())


@pytest.mark.slow
def test_of_logos_with_tags_nothing_is_called_cut_misspelt_or_foreign(test_data):
    folders = sorted((test_data / "lora").iterdir())
    assert folders
    for folder in folders:
        tags = tag_set(open_dataset(folder, OpeningOptions(recursive=True)).records)
        assert [*tags.cut(), *tags.misspelt(), *tags.foreign(), *tags.strangers()] == []
