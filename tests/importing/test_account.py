"""Everything that lay in a source appears in the account: nothing is lost without a word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lib.errors import InvalidInput
from lib.importing.account import TableRead
from lib.importing.base import ImportTarget
from lib.importing.import_into import ImportOutcome, import_into
from lib.importing.reading_choice import reading_of
from lib.settings import Settings
from tests.doubles.image_folder import draw_image, image_folder
from tests.exporting.conftest import captions_of


def brought(source: Path, folder: Path, settings: Settings) -> ImportOutcome:
    return import_into(source, ImportTarget(folder, settings, "local"))


def test_images_with_and_without_a_caption_are_what_was_added(tmp_path: Path, configured: Settings) -> None:
    source = image_folder(tmp_path / "source", {"a.jpg": "a cat", "b.jpg": None, "c.jpg": "  ", "d.jpg": None})
    (source / "metadata.csv").write_text("file_name,text\nd.jpg,of a table\nnobody.jpg,of none\n")
    done = brought(source, tmp_path / "new", configured)
    assert (done.added, done.captioned, done.uncaptioned) == (4, 2, 2)
    assert done.account.beside == 1
    ((table, captions, reason),) = [(read.name, read.captions, read.reason) for read in done.account.tables]
    assert (table, captions) == ("metadata.csv", 1)
    assert reason == "1 of its entries name no image here, or more than one"


def test_captions_for_images_that_were_there_are_counted_too(tmp_path: Path, configured: Settings) -> None:
    target = image_folder(tmp_path / "photos", {"a.jpg": None, "b.jpg": None})
    (tmp_path / "captions.csv").write_text("image,caption\na.jpg,a cat\na.jpg,a sofa\n")
    done = brought(tmp_path / "captions.csv", target, configured)
    assert (done.added, done.captioned, done.uncaptioned) == (1, 1, 0)
    assert done.account.tables == [TableRead("captions.csv", 2)]


def test_files_of_kinds_that_are_not_read_are_counted_by_ending(tmp_path: Path, configured: Settings) -> None:
    source = image_folder(tmp_path / "source", {"a.jpg": "a cat"})
    for name in ("film.MP4", "clip.mp4", "README.md", "license.txt", "LICENSE", "model.safetensors"):
        (source / name).write_text("something else")
    (source / "dataset_infos.json").write_text('{"default": {"description": "a set"}}')
    done = brought(source, tmp_path / "new", configured)
    assert done.account.ignored == {".mp4": 2, ".md": 1, ".txt": 1, "": 1, ".safetensors": 1, ".json": 1}
    assert (done.refused, done.account.not_understood) == ([], [])
    assert done.account.ignored_words().startswith("2 .mp4, ")


def test_a_readme_beside_an_image_of_its_name_is_its_text(tmp_path: Path, configured: Settings) -> None:
    source = image_folder(tmp_path / "source", {"readme.jpg": "a page of a book"})
    brought(source, tmp_path / "new", configured)
    assert captions_of(tmp_path / "new") == {"readme.jpg": "a page of a book"}


def test_a_table_of_many_images_that_are_not_here_names_some_and_counts_the_rest(
    tmp_path: Path, configured: Settings
) -> None:
    source = image_folder(tmp_path / "source", {"a.jpg": None})
    lines = [json.dumps({"file_name": f"{number}.jpg", "text": "x"}) for number in range(500)]
    (source / "metadata.jsonl").write_text("\n".join([*lines, '{"file_name": "a.jpg", "text": "a cat"}']))
    done = brought(source, tmp_path / "new", configured)
    assert len(done.refused) == 101
    assert done.refused[-1][0] == "400 more of metadata.jsonl"
    assert done.account.tables[0].captions == 1


def test_a_table_of_addresses_is_told_with_the_tool_for_it(tmp_path: Path, configured: Settings) -> None:
    import pyarrow
    import pyarrow.parquet

    rows = {"URL": ["http://a.test/a.jpg"] * 3, "TEXT": ["a cat"] * 3, "HEIGHT": [1, 2, 3]}
    (tmp_path / "laion").mkdir()
    pyarrow.parquet.write_table(pyarrow.table(rows), tmp_path / "laion" / "part-00000.parquet")
    draw_image(tmp_path / "laion" / "a.jpg")
    done = brought(tmp_path / "laion", tmp_path / "new", configured)
    ((name, reason),) = done.account.not_understood
    assert name == "part-00000.parquet"
    assert "img2dataset" in reason


def test_how_tables_are_read_is_chosen_in_words() -> None:
    reading = reading_of("pic", "words", "tab", "Windows-1252")
    assert (reading.image_column, reading.caption_column, reading.delimiter, reading.encoding) == (
        "pic", "words", "\t", "cp1252",
    )  # fmt: skip
    assert reading_of() == reading_of("", "", "", "")
    assert reading_of(delimiter="semicolon").delimiter == ";"


@pytest.mark.parametrize("wrong", [{"delimiter": ";;"}, {"encoding": "klingon"}, {"encoding": "base64"}])
def test_what_is_no_delimiter_or_encoding_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        reading_of(**wrong)
