"""`captioner find`: images by meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.test_command_line import answer, lib, lib_anew
from tests.doubles.image_folder import image_folder
from tests.doubles.minilm import minilm

OFFLINE = "http://127.0.0.1:9"


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOOLKIT_SBERT", str(minilm()))
    # Nothing is downloaded for a test.
    monkeypatch.setenv("TOOLKIT_RESNET50V2", "/nowhere/weights.h5")
    captions = {"a.jpg": "a puppy runs over a meadow", "b.jpg": "a truck on a road", "c.jpg": None, "x/d.jpg": "a dog"}
    return image_folder(tmp_path / "photos", captions)


@pytest.mark.slow
def test_other_words_for_the_same_are_found_the_best_first(photos: Path) -> None:
    told = answer(lib("find", photos, "a dog", "--top", 2, "--json"))
    assert [one["image"] for one in told["found"]] == ["x/d.jpg", "a.jpg"]
    assert told["found"][0]["score"] > told["found"][1]["score"]
    assert told["counts"] == {"found": 2, "of": 4}
    assert "captions by" in told["about"]


@pytest.mark.slow
def test_people_read_a_name_a_line_and_by_what_it_was_found(photos: Path) -> None:
    done = lib_anew("find", photos, "lorry", "--top", 1)
    assert (done.returncode, done.stdout.split()[1]) == (0, "b.jpg")
    assert "Finds captions by" in done.stderr


@pytest.mark.slow
def test_what_is_like_an_image_by_its_caption_does_not_hold_the_image(photos: Path) -> None:
    told = answer(lib("find", photos, "--like", photos / "x/d.jpg", "--by", "tags", "--json"))
    assert [one["image"] for one in told["found"]] == ["a.jpg", "b.jpg"]


@pytest.mark.slow
def test_a_part_of_the_folder_is_searched_by_what_was_learnt_from_all(photos: Path) -> None:
    told = answer(lib("find", photos, "a dog", "--folder", "x", "--json"))
    assert [one["image"] for one in told["found"]] == ["x/d.jpg"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Either words or --like"),
        (["a dog", "--like", "a.jpg"], "Either words or --like"),
        (["--like", "gone.jpg"], "There is no image “gone.jpg”"),
        (["a dog", "--method-captions", "mobilenet"], "no way to compare tags"),
        (["a dog", "--top", "0"], "--top"),
    ],
)
def test_what_cannot_be_looked_for_is_refused(photos: Path, words: list[str], said: str) -> None:
    done = lib("find", photos, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_model_that_is_missing_is_named(photos: Path) -> None:
    no_captions = lib("find", photos, "a dog", TOOLKIT_SBERT="/nowhere")
    assert no_captions.returncode == 1
    assert "no Sentence-BERT model in /nowhere" in no_captions.stderr
    no_pictures = lib(
        "find", photos, "--like", "a.jpg", "--method-images", "mobilenet", "--json",
        TOOLKIT_MOBILENET="/nowhere/x.h5", HTTPS_PROXY=OFFLINE, https_proxy=OFFLINE,
    )  # fmt: skip
    assert no_pictures.returncode == 1
    assert "mobilenet" in answer(no_pictures)["error"].lower()
