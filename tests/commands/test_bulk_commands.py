"""`python -m lib affix, replace, undo, redo, history`: one operation each, taken back byte by byte."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.commands.test_command_line import answer, lib, lib_anew


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, text in {"a": b"a cat, a+b\r\n", "b": b"a dog", "c": b"caf\xe9 cat"}.items():
        Image.new("RGB", (40, 30), "teal").save(folder / f"{name}.jpg")
        (folder / f"{name}.txt").write_bytes(text)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.txt")}


def test_replace_is_literal_and_undo_and_redo_are_exact(photos: Path) -> None:
    before = contents(photos)
    done = answer(lib_anew("replace", photos, "a+b", "\\1", "--json"))
    assert (done["files"], done["hits"], done["left_alone"]) == (1, 1, [])
    assert (photos / "a.txt").read_bytes() == b"a cat, \\1\r\n"
    after = contents(photos)
    taken_back = answer(lib_anew("undo", photos, "--json"))
    assert (taken_back["restored"], taken_back["left_alone"]) == (1, [])
    assert contents(photos) == before
    answer(lib_anew("redo", photos, "--json"))
    assert contents(photos) == after


def test_a_dry_run_tells_and_changes_nothing(photos: Path) -> None:
    before = contents(photos)
    done = answer(lib("replace", photos, "a (cat|dog)", "one \\1", "--regex", "--dry-run", "--json"))
    assert (done["files"], done["hits"]) == (2, 2)
    assert contents(photos) == before
    assert "+one dog" in lib("replace", photos, "a dog", "one dog", "--dry-run").stdout


def test_only_keeps_to_the_captions_that_hold_a_word(photos: Path) -> None:
    done = answer(lib("replace", photos, "A", "x", "--ignore-case", "--whole-word", "--only", "dog", "--json"))
    assert (done["files"], done["hits"]) == (1, 1)
    assert (photos / "b.txt").read_bytes() == b"x dog"


def test_affix_adds_once_and_leaves_unreadable_text_alone(photos: Path) -> None:
    assert answer(lib("affix", photos, "--prefix", "sks", "--suffix", "4k", "--json"))["files"] == 2
    assert answer(lib("affix", photos, "--prefix", "sks", "--suffix", "4k", "--json"))["files"] == 0
    assert (photos / "b.txt").read_bytes() == b"sks, a dog, 4k"
    assert (photos / "c.txt").read_bytes() == b"caf\xe9 cat"


def test_a_file_that_changed_since_is_left_alone_and_listed(photos: Path) -> None:
    lib("replace", photos, "a ", "one ")
    (photos / "b.txt").write_text("somebody else's words")
    done = lib("undo", photos, "--json")
    assert done.returncode == 1
    report = answer(done)
    assert report["restored"] == 1
    assert [entry["image"] for entry in report["left_alone"]] == ["b.txt"]
    assert (photos / "b.txt").read_text() == "somebody else's words"


def test_history_lists_operations_the_newest_first(photos: Path) -> None:
    lib_anew("affix", photos, "--prefix", "sks")
    lib("replace", photos, "dog", "cat")
    entries: list[dict[str, Any]] = json.loads(lib_anew("history", photos, "--json").stdout)["operations"]
    assert [(entry["kind"], entry["files"], entry["by"]) for entry in entries] == [
        ("replace", 1, "local"),
        ("affix", 2, "local"),
    ]
    assert {"operation", "time"} <= set(entries[0])


@pytest.mark.parametrize(
    "arguments",
    [["replace", "(", "x", "--regex"], ["replace", "", "x"], ["undo"], ["redo"], ["undo", "--operation", "99"]],
)
def test_what_cannot_be_done_is_wrong_usage_and_a_sentence(photos: Path, arguments: list[str]) -> None:
    before = contents(photos)
    done = lib(arguments[0], photos, *arguments[1:])
    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert contents(photos) == before


def test_history_shows_no_visitors_cookie(photos: Path, toolkit_home: Path) -> None:
    lib_anew("affix", photos, "--prefix", "x")
    (journal,) = (toolkit_home / "journals").glob("*.sqlite")
    cookie = "5ec4e7" * 8
    with closing(sqlite3.connect(journal)) as connection, connection:
        connection.execute("UPDATE operations SET by = ?", (f"cookie:{cookie}",))
    for options in ((), ("--json",)):
        shown = lib_anew("history", photos, *options).stdout
        assert "visitor:" in shown
        assert cookie not in shown


def test_empty_tag_files_are_listed_removed_and_brought_back(photos: Path) -> None:
    (photos / "a.txt").write_bytes(b"")
    (photos / "b.txt").write_bytes(b" ")
    assert answer(lib("blanks", photos, "--json")) == {"count": 1, "images": ["a.jpg"]}
    assert answer(lib("blanks", photos, "--remove", "--json"))["files"] == 1
    assert sorted(contents(photos)) == ["b.txt", "c.txt"]
    assert answer(lib("undo", photos, "--json"))["restored"] == 1
    assert contents(photos)["a.txt"] == b""
