"""`python -m lib filter` and `words`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.test_command_line import answer, lib, lib_anew
from tests.doubles.image_folder import image_folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    captions = {"a.jpg": "A cat, red sofa", "b.jpg": "two Dogs", "x/c.jpg": "a cat and a dog", "d.jpg": None}
    return image_folder(tmp_path / "photos", captions)


@pytest.mark.parametrize(
    ("arguments", "images"),
    [
        (["cat"], ["a.jpg", "x/c.jpg"]),
        (["cat, dog", "--all"], ["x/c.jpg"]),
        (["-cat"], ["b.jpg", "d.jpg"]),
        (["cat AND NOT (dog OR tree)"], ["a.jpg"]),
        (['tag:"red sofa", folder:x'], ["a.jpg", "x/c.jpg"]),
        (["^.wo", "--regex"], ["b.jpg"]),
        (["tree"], []),
    ],
)
def test_filter_lists_the_images_that_match(photos: Path, arguments: list[str], images: list[str]) -> None:
    done = answer(lib("filter", photos, *arguments, "--json"))
    assert (done["count"], done["images"]) == (len(images), images)


def test_filter_writes_names_alone_to_stdout(photos: Path) -> None:
    done = lib_anew("filter", photos, "cat")
    assert done.stdout.splitlines() == ["a.jpg", "x/c.jpg"]
    assert "2 of 4 images" in done.stderr


@pytest.mark.parametrize("arguments", [["cat AND"], [""], ["ca(t", "--regex"], ["cat", "--unknown"]])
def test_a_wrong_query_is_wrong_usage_and_a_sentence(photos: Path, arguments: list[str]) -> None:
    done = lib("filter", photos, *arguments, "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_words_are_counted(photos: Path) -> None:
    done = answer(lib_anew("words", photos, "--json"))
    assert {name: done[name] for name in ("words", "total", "distinct")} == {
        "words": [
            {"word": "cat", "count": 2},
            {"word": "dog", "count": 1},
            {"word": "dogs", "count": 1},
            {"word": "red", "count": 1},
            {"word": "sofa", "count": 1},
            {"word": "two", "count": 1},
        ],
        "total": 7,
        "distinct": 6,
    }


def test_words_of_a_query_cut_short_and_in_pairs(photos: Path) -> None:
    done = answer(lib("words", photos, "--only", "cat -dog", "--top", "1", "--ngrams", "2", "--json"))
    assert (done["words"], done["total"], done["distinct"]) == ([{"word": "cat red", "count": 1}], 2, 2)
    assert "2  cat" in lib("words", photos, "--top", "1").stdout


def test_words_refuse_longer_runs(photos: Path) -> None:
    assert lib("words", photos, "--ngrams", "3").returncode == 2


def test_captions_are_listed_by_who_wrote_them(photos: Path) -> None:
    lib("affix", photos, "--prefix", "sks")
    (photos / "a.txt").write_text("changed by another program")
    assert answer(lib("filter", photos, "by:hand", "--json"))["images"] == ["b.jpg", "d.jpg", "x/c.jpg"]
    assert answer(lib("filter", photos, "by:nobody", "--json"))["images"] == ["a.jpg"]
    assert "by:" in lib("filter", "--help").stdout
