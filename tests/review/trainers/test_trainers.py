"""What trainers demand, as data, and what breaks it."""

from __future__ import annotations

import os
import time

import pytest

from lib.dataset.saving.operations import Operations
from lib.errors import InvalidInput
from lib.review import review
from lib.review.fixing import apply_fixes, plan_fixes
from lib.review.trainers.check import TrainersCheck
from lib.review.trainers.profiles import profile, profiles, trainers
from lib.review.trainers.rules import BROKEN
from tests.doubles.image_folder import draw_image, image_folder
from tests.review.opened import opened


def told(root, target):
    found = review(opened(root, targets=(target,)).samples, ["trainer"])
    return {one.kind: one.images for one in found.findings}, found.ready[target]


@pytest.mark.parametrize("name", trainers())
def test_each_profile_names_rules_that_are_there_and_kinds_that_are_shown(name):
    names = [rule.rule for rule in profile(name).rules]
    assert set(names) <= BROKEN.keys() & TrainersCheck.kinds.keys()
    assert len(set(names)) == len(names)


def test_every_rule_is_demanded_by_somebody():
    assert {rule.rule for one in profiles() for rule in one.rules} == BROKEN.keys() == TrainersCheck.kinds.keys()


def test_an_unknown_trainer_is_told_the_known_ones():
    with pytest.raises(InvalidInput) as caught:
        profiles(("nonsense",))
    assert ", ".join(trainers()) in caught.value.hint


def test_an_empty_tag_file_stops_one_trainer_and_not_another(tmp_path):
    root = image_folder(tmp_path / "set", {"a.jpg": "a cat", "b.jpg": ""})
    assert told(root, "sd-scripts") == ({"empty_tag_file": ("b.jpg",)}, False)
    assert told(root, "onetrainer") == ({"no_caption": ("b.jpg",)}, True)


def test_what_some_trainer_refuses_is_no_error_for_whoever_has_chosen_none(tmp_path):
    root = image_folder(tmp_path / "set", {"test/a.jpg": "a cat", "more/b.jpg": "a dog"})
    found = review(opened(root).samples, ["trainer"])
    assert not found.has_errors
    assert found.ready["huggingface"] is False
    assert review(opened(root, targets=("huggingface",)).samples, ["trainer"]).has_errors


def test_utf16_is_found_though_the_toolkit_reads_it(tmp_path):
    root = image_folder(tmp_path / "set", {"a.jpg": "a cat", "b.jpg": "a dog".encode("utf-16")})
    assert told(root, "ai-toolkit") == ({"not_utf8": ("b.jpg",)}, False)


def test_utf16_is_written_as_utf8_and_comes_back_byte_for_byte(tmp_path):
    before = "a dog\r\nin the snow".encode("utf-16")
    root = image_folder(tmp_path / "set", {"a.jpg": "a cat", "b.jpg": before})
    opened_set = opened(root)
    (finding,) = review(opened_set.samples, ["trainer"]).of("not_utf8")
    store = opened_set.store
    assert apply_fixes(store, plan_fixes([finding])).changed == 1
    assert (root / "b.txt").read_bytes() == b"a dog\r\nin the snow"
    assert (root / "a.txt").read_bytes() == b"a cat"
    Operations(store).undo()
    assert (root / "b.txt").read_bytes() == before


def test_folders_of_repeats_are_read_and_others_are_not(tmp_path):
    root = image_folder(tmp_path / "set", {"5_cat/a.jpg": "a cat", "10_dog/b.jpg": "a dog"})
    assert told(root, "sd-scripts") == ({}, True)
    draw_image(root / "c.jpg")
    (root / "c.txt").write_text("a fox")
    assert set(told(root, "sd-scripts")[0]["subfolder"]) == {"5_cat/a.jpg", "10_dog/b.jpg"}


@pytest.mark.parametrize("name", ["test", "val_1", "my-dev-set"])
def test_a_test_split_alone_fails_and_a_card_settles_it(tmp_path, name):
    root = image_folder(tmp_path / "set", {f"{name}/a.jpg": "a cat", "more/b.jpg": "a dog"})
    assert told(root, "huggingface") == ({"test_without_train": (f"{name}/a.jpg",)}, False)
    (root / "README.md").write_text("---\nconfigs:\n- config_name: default\n---\n")
    assert told(root, "huggingface") == ({}, True)


@pytest.mark.parametrize("name", ["contest", "devil", "valley", "TEST", "(test)"])
def test_a_word_that_only_holds_a_splits_name_is_none(tmp_path, name):
    root = image_folder(tmp_path / "set", {f"{name}/a.jpg": "a cat"})
    assert "test_without_train" not in told(root, "huggingface")[0]


def test_folders_that_are_meant_as_splits_are_no_surprise(tmp_path):
    root = image_folder(tmp_path / "set", {"train/a.jpg": "a cat", "test/b.jpg": "a dog"})
    assert told(root, "huggingface") == ({}, True)


def test_a_table_of_its_own_is_no_stray_one(tmp_path):
    root = image_folder(tmp_path / "set", {"a.jpg": "a cat"})
    (root / "metadata.jsonl").write_text("")
    assert told(root, "huggingface") == ({}, True)
    (root / "extra.parquet").write_text("")
    assert told(root, "huggingface")[0] == {"stray_table": ("a.jpg",)}


def test_a_card_that_is_a_link_out_of_the_dataset_or_waits_for_ever_settles_nothing(tmp_path):
    root = image_folder(tmp_path / "set", {"test/a.jpg": "a cat", "more/b.jpg": "a dog"})
    (tmp_path / "card").write_text("---\nconfigs:\n- config_name: default\n---\n")
    (root / "README.md").symlink_to(tmp_path / "card")
    assert told(root, "huggingface")[1] is False
    (root / "README.md").unlink()
    os.mkfifo(root / "README.md")
    assert told(root, "huggingface")[1] is False


def test_a_card_of_blank_lines_alone_keeps_nobody_waiting(tmp_path):
    root = image_folder(tmp_path / "set", {"test/a.jpg": "a cat", "more/b.jpg": "a dog"})
    (root / "README.md").write_text("---" + "\n" * 1_000_000)
    start = time.thread_time()
    assert told(root, "huggingface")[1] is False
    assert time.thread_time() - start < 2
