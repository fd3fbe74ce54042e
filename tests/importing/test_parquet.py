"""Parquet as other programs write it: nothing in it is dropped without a word, and large images come in too."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lib.errors import InvalidInput
from lib.importing import parquet_rows
from lib.importing.base import ImportChoices, ImportTarget
from lib.importing.import_into import ImportOutcome, import_into
from lib.importing.look import look_into
from lib.importing.parquet import LABEL
from lib.importing.tables.results import Reading
from lib.settings import Settings
from tests.doubles.image_folder import draw_image, image_folder
from tests.exporting.conftest import captions_of, names_in


@pytest.fixture
def drawn(tmp_path: Path) -> list[bytes]:
    return [
        draw_image(tmp_path / "drawn" / f"{n}{end}", number=n).read_bytes() for n, end in ((0, ".jpg"), (1, ".png"))
    ]


def table(path: Path, columns: dict[str, Any], **choices: Any) -> Path:
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table(columns), path, **choices)
    return path


def taken(source: Path, settings: Settings, caption: int | None = None) -> tuple[ImportOutcome, Path]:
    target = source.with_suffix(".taken")
    return import_into(source, ImportTarget(target, settings, "local"), ImportChoices(caption=caption)), target


def structs(images: list[bytes]) -> list[dict[str, Any]]:
    return [{"bytes": image, "path": None} for image in images]


@pytest.mark.parametrize(("caption", "texts"), [(None, ["one\ntwo", "x"]), (1, ["one", "x"]), (2, ["two", "x"])])
def test_a_list_of_captions_is_several_of_which_one_may_be_chosen(
    tmp_path: Path, configured: Settings, drawn: list[bytes], caption: int | None, texts: list[str]
) -> None:
    columns = {"image": structs(drawn), "caption": [["one", "two"], ["x"]]}
    done, target = taken(table(tmp_path / "a.parquet", columns), configured, caption)
    assert (done.added, done.refused) == (2, [])
    assert list(captions_of(target).values()) == texts


def test_an_image_whose_list_of_captions_is_null_comes_without_one(
    tmp_path: Path, configured: Settings, drawn: list[bytes]
) -> None:
    columns = {"image": structs(drawn), "caption": [None, ["x", None]]}
    done, target = taken(table(tmp_path / "a.parquet", columns), configured)
    assert (done.added, done.refused) == (2, [])
    assert captions_of(target) == {"000000001.png": "x"}


@pytest.mark.parametrize("names", [("image", "text"), ("Image", "TEXT"), ("jpg", "txt"), ("png", "Captions")])
@pytest.mark.parametrize("kind", ["raw", "struct"])
@pytest.mark.parametrize("words", ["string", "large_string", "binary", "dictionary"])
def test_columns_are_found_whatever_case_and_kind_they_have(
    tmp_path: Path, configured: Settings, drawn: list[bytes], names: tuple[str, str], kind: str, words: str
) -> None:
    import pyarrow

    texts = pyarrow.array(["café", "two"])
    texts = texts.dictionary_encode() if words == "dictionary" else texts.cast(getattr(pyarrow, words)())
    columns = {names[0]: drawn if kind == "raw" else structs(drawn), names[1]: texts}
    done, target = taken(table(tmp_path / "a.parquet", columns), configured)
    assert (done.added, done.refused) == (2, [])
    # Named by what they are, where the table does not say.
    assert captions_of(target) == {"000000000.jpg": "café", "000000001.png": "two"}
    assert [(target / name).read_bytes() for name in captions_of(target)] == drawn


def test_a_look_names_the_columns_that_are_read_and_another_may_be_chosen(
    tmp_path: Path, configured: Settings, drawn: list[bytes]
) -> None:
    columns = {"Image": structs(drawn), "text": ["short"] * 2, "Long": ["at length"] * 2}
    source, target = table(tmp_path / "t.parquet", columns), ImportTarget(tmp_path / "new", configured, "local")
    (seen,) = look_into(source, target).tables
    assert (seen.label, seen.columns) == (LABEL, ("Image", "text", "Long"))
    assert (seen.image_column, seen.caption_column) == ("Image", "text")
    chosen = ImportChoices(reading=Reading(caption_column="Long"))
    look = look_into(source, target, chosen)
    assert look.tables[0].caption_column == "Long"
    assert {said.text for _, texts in look.rows for said in texts} == {"at length"}


def test_a_table_of_other_columns_is_looked_at_until_somebody_says_which(
    tmp_path: Path, configured: Settings, drawn: list[bytes]
) -> None:
    columns = {"bild": structs(drawn), "worte": ["ein Vogel"] * 2}
    source, target = table(tmp_path / "t.parquet", columns), ImportTarget(tmp_path / "new", configured, "local")
    look = look_into(source, target)
    assert look.needs_choice
    assert look.tables[0].columns == ("bild", "worte")
    look = look_into(source, target, ImportChoices(reading=Reading("bild", "worte")))
    assert not look.needs_choice
    assert (look.images, look.captioned) == (2, 2)


def test_a_path_in_the_image_column_names_an_image_that_is_there(tmp_path: Path, configured: Settings) -> None:
    root = image_folder(tmp_path / "photos", {"a.jpg": None, "b.jpg": None})
    source = table(tmp_path / "a.parquet", {"image": ["a.jpg", "x/b.jpg"], "text": ["a cat", "nobody"]})
    done = import_into(source, ImportTarget(root, configured, "local"))
    assert captions_of(root) == {"a.jpg": "a cat"}
    assert done.refused == [("x/b.jpg", "there is no image of this name, or more than one")]


@pytest.mark.parametrize("gone", range(3))
def test_a_row_whose_image_was_not_fetched_takes_no_other_rows_place(
    tmp_path: Path, configured: Settings, drawn: list[bytes], gone: int
) -> None:
    # img2dataset numbers what it is asked for, and writes the rows in the order in which they came.
    keys, captions = ["000000000", "000000001"], ["a cat", "a dog"]
    keys.insert(gone, "000000002")
    captions.insert(gone, "what nobody has")
    pictures: list[bytes | None] = list(drawn)
    pictures.insert(gone, None)
    columns = {"key": keys, "caption": captions, "jpg": pictures}
    outcome, new = taken(table(tmp_path / "00000.parquet", columns), configured)
    assert sorted(captions_of(new).values()) == ["a cat", "a dog"]
    assert [name for name, _ in outcome.refused] == ["000000002"]


def test_a_name_without_an_ending_gets_that_of_its_content(
    tmp_path: Path, configured: Settings, drawn: list[bytes]
) -> None:
    columns = {"__key__": ["one", "two.jpg"], "jpg": drawn[::-1], "txt": ["1", "2"]}
    _, target = taken(table(tmp_path / "a.parquet", columns), configured)
    assert captions_of(target) == {"one.png": "1", "two.jpg": "2"}


@pytest.mark.parametrize(
    "columns",
    [{"img": [b"x"], "label": [1]}, {"text": ["a cat"]}, {"image": [1], "text": ["a cat"]}, {"text": [["a"]]}],
)
def test_a_table_that_gives_nothing_is_refused_by_name(
    tmp_path: Path, configured: Settings, columns: dict[str, Any]
) -> None:
    done, target = taken(table(tmp_path / "a.parquet", columns), configured)
    assert [name for name, _ in done.account.not_understood] == ["a.parquet"]
    assert "its columns should be image" in done.account.not_understood[0][1]
    assert captions_of(target) == {}


def test_captions_that_belong_to_nothing_are_told(tmp_path: Path, configured: Settings, drawn: list[bytes]) -> None:
    columns = {"image": [*structs(drawn[:1]), None, None], "text": ["one", "lost", "lost, too"]}
    done, target = taken(table(tmp_path / "a.parquet", columns), configured)
    assert captions_of(target) == {"000000000.jpg": "one"}
    assert done.refused == [
        ("a.parquet", "captions in 2 of its rows have neither an image nor the name of one"),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "choices",
    [
        {"use_dictionary": False, "compression": "none"},
        {"compression": "snappy", "row_group_size": 1},
    ],
)
def test_images_of_more_than_20_megabytes_come_in(
    tmp_path: Path, configured: Settings, choices: dict[str, Any]
) -> None:
    photo = io.BytesIO()
    Image.effect_noise((2800, 2800), 90).convert("RGB").save(photo, "BMP")
    source = table(
        tmp_path / "a.parquet", {"image": [photo.getvalue()] * 6, "text": [f"photo {n}" for n in range(6)]}, **choices
    )
    done, target = taken(source, configured)
    assert (done.added, done.refused) == (6, [])
    assert {path.stat().st_size for path in target.glob("*.bmp")} == {len(photo.getvalue())}


@pytest.mark.slow
def test_many_images_in_one_row_group_come_in(tmp_path: Path, configured: Settings, drawn: list[bytes]) -> None:
    images = [drawn[0] + bytes([n % 256]) * 100_000 + n.to_bytes(4) for n in range(3000)]
    done, _ = taken(table(tmp_path / "a.parquet", {"image": images}, compression="none"), configured)
    assert (done.added, done.refused) == (3000, [])


def test_the_program_that_reads_a_strangers_table_gets_no_key(
    tmp_path: Path, configured: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told.json"
    program = tmp_path / "program.py"
    program.write_text(f"import json, os\nopen({str(told)!r}, 'w').write(json.dumps(dict(os.environ)))\n")
    for name in ("HF_TOKEN", "OPENAI_API_KEY", "NVIDIA_API_KEY", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "canary")
    monkeypatch.setattr(parquet_rows, "__file__", str(program))
    taken(table(tmp_path / "a.parquet", {"text": ["a"]}), configured)
    environment = json.loads(told.read_text())
    assert "canary" not in environment.values()
    assert environment["MALLOC_ARENA_MAX"] == "1"


@pytest.mark.skipif(sys.platform == "win32", reason="has no named pipes in folders")
@pytest.mark.parametrize("name", ["a.parquet", "a.csv", "a.zip", "a.tar", "a.json"])
def test_what_is_neither_folder_nor_file_is_refused_at_once(tmp_path: Path, configured: Settings, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(InvalidInput, match="neither a folder nor a file"):
        import_into(tmp_path / name, ImportTarget(tmp_path / "new", configured, "local"))
    assert not (tmp_path / "new").exists() or names_in(tmp_path / "new") == []
