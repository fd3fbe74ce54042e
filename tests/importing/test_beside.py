"""What lies beside an image is its caption: by its stem, its whole name or its key, in any case, and none is lost."""

from __future__ import annotations

import io
import json
import tarfile
import unicodedata
import zipfile
from pathlib import Path

import pytest

from lib.importing.base import ImportChoices, ImportTarget
from lib.importing.captions import CaptionChoice, Said, as_caption, choice_of
from lib.importing.import_into import ImportOutcome, import_into
from lib.settings import Settings
from tests.doubles.image_folder import draw_image, image_folder
from tests.exporting.conftest import captions_of, names_in


def brought(source: Path, folder: Path, settings: Settings, choices: ImportChoices = ImportChoices()) -> ImportOutcome:
    return import_into(source, ImportTarget(folder, settings, "local"), choices)


@pytest.mark.parametrize(
    ("image", "text"),
    [
        ("a.jpg", "a.jpg.txt"),
        ("a.jpg", "a.caption"),
        ("A.JPG", "a.txt"),
        ("a.jpg", "A.TXT"),
        ("0000.input.jpg", "0000.caption.txt"),
        ("sub/a.v2.png", "sub/a.v2.txt"),
        ("caf\u00e9.jpg", unicodedata.normalize("NFD", "caf\u00e9") + ".txt"),
    ],
)
def test_a_tag_file_fits_its_image_also_when_both_arrive_together_or_one_after_the_other(
    tmp_path: Path, configured: Settings, image: str, text: str
) -> None:
    draw_image(tmp_path / "source" / image)
    (tmp_path / "source" / text).write_text("a cat")
    for _ in range(2):
        done = brought(tmp_path / "source", tmp_path / "new", configured)
        assert done.refused == []
        assert captions_of(tmp_path / "new") == {image: "a cat"}
    assert (done.added, done.skipped) == (0, 1)


def test_a_tag_file_of_another_number_fits_no_image(tmp_path: Path, configured: Settings) -> None:
    source = image_folder(tmp_path / "source", {"photo.v2.jpg": None, "0000.input.jpg": None, "0000.output.jpg": None})
    (source / "photo.v3.txt").write_text("of another")
    (source / "0000.caption.txt").write_text("of two")
    done = brought(source, tmp_path / "new", configured)
    assert {name for name, _ in done.refused} == {"photo.v3.txt", "0000.caption.txt"}
    assert captions_of(tmp_path / "new") == {}


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ("all", "A girl stands alone on a hill.\n1girl, solo"),
        ("first", "A girl stands alone on a hill."),
        ("longest", "A girl stands alone on a hill."),
        ("caption-file", "A girl stands alone on a hill."),
        ("txt", "1girl, solo"),
        ("2", "1girl, solo"),
    ],
)
def test_of_two_tag_files_beside_one_image_none_is_lost(
    tmp_path: Path, configured: Settings, which: str, expected: str
) -> None:
    source = image_folder(tmp_path / "source", {"a.jpg": "1girl, solo"})
    (source / "a.caption").write_text("A girl stands alone on a hill.")
    done = brought(source, tmp_path / "new", configured, ImportChoices(caption=choice_of(which)))
    assert done.refused == []
    assert captions_of(tmp_path / "new") == {"a.jpg": expected}


@pytest.mark.parametrize(
    ("which", "expected"), [("txt", "in a table"), ("longest", "in a table"), (9, "in a table"), (1, "a")]
)
def test_what_stands_in_no_tag_file_of_a_kind_is_chosen_among_all(which: CaptionChoice, expected: str) -> None:
    assert as_caption([Said("a"), Said("in a table")], which).split("\n")[-1] == expected


def shard(path: Path, **members: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(f"000000000.{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ({"caption": ["three", "drei"]}, "three\ndrei"),
        ({"captions": ["one", "two"], "url": "http://a.test"}, "one\ntwo"),
        ({"TEXT": "spelled large"}, "spelled large"),
        ({"prompt": "a prompt"}, "a prompt"),
        ({"category": "booru", "tags": ["cat", "sofa"]}, "cat, sofa"),
        ({"caption": "", "description": "of the other field"}, "of the other field"),
    ],
)
def test_the_json_beside_an_image_gives_all_its_captions(
    tmp_path: Path, configured: Settings, note: dict[str, object], expected: str
) -> None:
    image = draw_image(tmp_path / "a.jpg").read_bytes()
    tar = shard(tmp_path / "00000.tar", jpg=image, json=json.dumps(note).encode())
    assert brought(tar, tmp_path / "new", configured).refused == []
    assert captions_of(tmp_path / "new") == {"000000000.jpg": expected}


def test_a_json_says_nothing_anew_that_the_tag_file_says(tmp_path: Path, configured: Settings) -> None:
    image = draw_image(tmp_path / "a.jpg").read_bytes()
    note = {"captions": ["one", "two", "three"]}
    tar = shard(tmp_path / "00000.tar", jpg=image, txt=b"one\ntwo", json=json.dumps(note).encode())
    brought(tar, tmp_path / "new", configured)
    assert captions_of(tmp_path / "new") == {"000000000.jpg": "one\ntwo\nthree"}


@pytest.mark.parametrize("more", [{}, {"file_name": "theirs.jpg"}])
def test_what_img2dataset_wrote_comes_in_whole(tmp_path: Path, configured: Settings, more: dict[str, str]) -> None:
    """It tells the hash of what it fetched, and copies whatever columns it is told to beside it."""
    import pyarrow
    import pyarrow.parquet

    image = draw_image(tmp_path / "a.jpg").read_bytes()
    note = {
        "caption": "a cat", "url": "http://a.test/a.jpg", "key": "000000000", "status": "success",
        "error_message": None, "width": 48, "height": 36, "original_width": 640, "exif": "{}", "sha256": "0" * 64,
    } | more  # fmt: skip
    tars = tmp_path / "fetched"
    shard(tars / "00000.tar", jpg=image, txt=b"a cat", json=json.dumps(note).encode())
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([note]), tars / "00000.parquet")
    (tars / "00000_stats.json").write_text(json.dumps({"count": 1, "successes": 1, "status_dict": {"success": 1}}))
    done = brought(tars, tmp_path / "new", configured)
    assert (done.added, done.refused, done.account.not_understood) == (1, [], [])
    assert list(captions_of(tmp_path / "new").values()) == ["a cat"]


def test_what_trainers_keep_beside_images_stays_out_and_is_counted(tmp_path: Path, configured: Settings) -> None:
    source = image_folder(tmp_path / "source", {"a.jpg": "a cat", "a-masklabel.png": None, "a-condlabel.jpg": None})
    done = brought(source, tmp_path / "new", configured)
    assert names_in(tmp_path / "new") == ["a.jpg", "a.txt"]
    assert done.account.ignored == {"-masklabel.png": 1, "-condlabel.jpg": 1}


def test_a_json_without_its_image_finds_the_one_that_is_there(tmp_path: Path, configured: Settings) -> None:
    target = image_folder(tmp_path / "photos", {"a.jpg": None, "b.jpg": None})
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.json").write_text('{"caption": "by its stem"}')
    (tmp_path / "notes" / "x.json").write_text('{"caption": "by its name", "file_name": "b.jpg"}')
    (tmp_path / "notes" / "c.json").write_text('{"caption": "of none"}')
    done = brought(tmp_path / "notes", target, configured)
    assert captions_of(target) == {"a.jpg": "by its stem", "b.jpg": "by its name"}
    assert [name for name, _ in done.refused] == ["c.json"]


def test_a_caption_in_a_zip_beside_its_whole_name_comes_in(tmp_path: Path, configured: Settings) -> None:
    image = draw_image(tmp_path / "a.jpg").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.jpg.txt", "a cat")
        archive.writestr("a.jpg", image)
    assert brought(tmp_path / "a.zip", tmp_path / "new", configured).refused == []
    assert captions_of(tmp_path / "new") == {"a.jpg": "a cat"}
