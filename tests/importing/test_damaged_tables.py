"""A table that is damaged, or holds too much, is told with its reason, and what came before it is not lost."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lib.archives import Limits
from lib.importing.base import ImportTarget
from lib.importing.import_into import import_into
from lib.settings import Settings
from tests.doubles.image_folder import draw_image, image_folder
from tests.exporting.conftest import captions_of


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("metadata.jsonl", '{"file_name": "a.jpg", "text": "a cat"}\n{broken\n', "line 2: it is no JSON"),
        ("captions.csv", "image,caption\na.jpg,a cat\nb.jpg\n", "line 3: it has too few cells"),
    ],
)
def test_a_broken_line_of_a_table_is_told_and_costs_no_other(
    tmp_path: Path, configured: Settings, name: str, text: str, reason: str
) -> None:
    source = image_folder(tmp_path / "source", {"a.jpg": None, "b.jpg": "a dog"})
    (source / name).write_text(text)
    done = import_into(source, ImportTarget(tmp_path / "new", configured, "local"))
    assert [refused for refused, _ in done.refused] == [name]
    assert done.refused[0][1].startswith(reason)
    assert captions_of(tmp_path / "new") == {"a.jpg": "a cat", "b.jpg": "a dog"}


def test_a_tag_file_beside_its_image_is_always_its_text(tmp_path: Path, configured: Settings) -> None:
    source = image_folder(tmp_path / "source", {"captions.jpg": "image,caption\na.jpg", "a.jpg": None})
    done = import_into(source, ImportTarget(tmp_path / "new", configured, "local"))
    assert done.refused == []
    assert captions_of(tmp_path / "new") == {"captions.jpg": "image,caption\na.jpg"}


@pytest.mark.parametrize("words", ["text, on a wall", "image, of a cat", "caption", "file"])
def test_a_caption_that_begins_with_a_word_that_columns_have_is_a_caption(
    tmp_path: Path, configured: Settings, words: str
) -> None:
    source = image_folder(tmp_path / "source", {"a.jpg": f"{words}\nsecond line"})
    done = import_into(source, ImportTarget(tmp_path / "new", configured, "local"))
    assert done.refused == []
    assert captions_of(tmp_path / "new") == {"a.jpg": f"{words}\nsecond line"}


def test_a_damaged_parquet_says_so_in_the_report_and_not_on_the_servers_screen(
    tmp_path: Path, configured: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and nothing else")
    done = import_into(tmp_path / "a.parquet", ImportTarget(tmp_path / "new", configured, "local"))
    assert ("a.parquet", "it is damaged") in done.refused
    assert capfd.readouterr() == ("", "")


def test_rows_that_hold_next_to_nothing_count_too(tmp_path: Path, configured: Settings) -> None:
    import pyarrow
    import pyarrow.parquet

    target = image_folder(tmp_path / "new", {"a.jpg": None})
    pyarrow.parquet.write_table(pyarrow.table({"file_name": ["a"] * 200, "text": ["x"] * 200}), tmp_path / "a.parquet")
    assert import_into(tmp_path / "a.parquet", ImportTarget(target, configured, "local")).refused == []
    small = Limits(total_bytes=10_000)
    (name, reason), *_ = import_into(
        tmp_path / "a.parquet", ImportTarget(target, configured, "local"), limits=small
    ).refused
    assert name == "a.parquet"
    assert "as bombs do" in reason


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the cap on memory needs /proc")
def test_a_page_that_could_be_had_and_takes_more_memory_than_is_given_is_told(
    tmp_path: Path, configured: Settings
) -> None:
    import pyarrow
    import pyarrow.parquet

    images = pyarrow.repeat(pyarrow.scalar(bytes(8_000_000)), 30)
    pyarrow.parquet.write_table(
        pyarrow.table({"image": images}), tmp_path / "a.parquet", compression="zstd", use_dictionary=False,
        write_statistics=False,
    )  # fmt: skip
    del images
    done = import_into(tmp_path / "a.parquet", ImportTarget(tmp_path / "new", configured, "local"))
    assert ["too large to be read safely" in reason for name, reason in done.refused if name == "a.parquet"] == [True]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the cap on memory needs /proc")
def test_a_row_too_large_to_be_read_is_told_and_those_before_it_come_in(tmp_path: Path, configured: Settings) -> None:
    import pyarrow
    import pyarrow.parquet

    photo = pyarrow.array([draw_image(tmp_path / "one.jpg").read_bytes()])
    kind = pyarrow.schema([("file_name", pyarrow.string()), ("image", pyarrow.binary()), ("text", pyarrow.string())])
    choices = {"compression": "zstd", "use_dictionary": False, "write_statistics": False}
    with pyarrow.parquet.ParquetWriter(tmp_path / "a.parquet", kind, **choices) as writer:
        writer.write_table(pyarrow.table([["a.jpg"], photo, ["a cat"]], kind))
        # One page of 520 megabytes.
        images = pyarrow.repeat(pyarrow.scalar(bytes(65_000_000)), 8)
        writer.write_table(pyarrow.table([["b.jpg"] * 8, images, ["a bomb"] * 8], kind))
    del images
    done = import_into(tmp_path / "a.parquet", ImportTarget(tmp_path / "new", configured, "local"))
    assert captions_of(tmp_path / "new") == {"a.jpg": "a cat"}
    assert [name for name, _ in done.refused] == ["a.parquet"]
    assert "too large to be read safely" in done.refused[0][1]
