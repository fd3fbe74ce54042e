"""Sentences of a terminal: what is told fits what was asked, and nothing is told that did not happen."""

from __future__ import annotations

from pathlib import Path

from tests.commands.test_command_line import lib
from tests.doubles.provider_server import ProviderServer, Reply


def test_an_undo_tells_only_what_it_touched(photos: Path) -> None:
    assert lib("mark", photos, "--rating", 3).returncode == 0
    assert "would be taken back: marks of 5 images" in lib("undo", photos, "--dry-run").stderr
    assert lib("undo", photos).stdout == "Operation 1 taken back: marks of 5 images\n"
    assert lib("redo", photos).stdout == "Operation 1 done again: marks of 5 images\n"


def test_a_look_at_a_table_tells_for_how_many_images_it_has_captions(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "captions.csv").write_text("file_name,text\nnone.jpg,a new one\nb.jpg,another\n")
    done = lib("import", tmp_path / "captions.csv", photos, "--existing", "both", "--dry-run")
    assert "for 2 that are there already it has captions (--existing both)" in done.stdout


def test_a_search_without_its_model_leads_to_another_search(photos: Path) -> None:
    done = lib("find", photos, "a boat", TOOLKIT_SBERT="/nowhere", TOOLKIT_RESNET50V2="/nowhere/weights.h5")
    assert done.returncode == 1
    assert "captioner filter" in done.stderr
    assert "cluster" not in done.stderr


def test_a_wrong_pattern_is_told_in_words_that_a_terminal_has(photos: Path) -> None:
    done = lib("replace", photos, "a (cat", "x", "--regex")
    assert done.returncode == 2
    assert "Without regular expressions the text is found as it is." in done.stderr


def test_an_affix_of_nothing_is_wrong_usage(photos: Path) -> None:
    done = lib("affix", photos, "--separator", " ")
    assert done.returncode == 2
    assert "Give --prefix or --suffix." in done.stderr


def test_a_run_that_is_over_is_not_cancelled_afterwards(photos: Path, server: ProviderServer) -> None:
    run = ("caption", photos, "--model", "m", "--base-url", server.url)
    server.enqueue(Reply.json({"error": "no"}, 422))
    assert lib(*run).returncode == 1
    assert "is over; “captioner jobs dismiss”" in lib("jobs", "cancel").stdout
    assert "done" in lib("jobs").stdout
