"""A full or unwilling disk ends a command in a sentence on stderr, never in a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.test_command_line import lib, lib_anew
from tests.doubles.image_folder import age, image_folder
from tests.doubles.unwilling_disk import make_read_only, small_disk


@pytest.mark.parametrize(
    "words",
    [
        ("export", "OUT", "--format", "csv"),
        ("cluster", "--k", 2, "--method", "tfidf"),
        ("affix", "--suffix", " seen"),
    ],
    ids=lambda words: str(words[0]),
)
def test_a_toolkit_folder_that_cannot_be_written_to_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    photos = image_folder(tmp_path / "photos", 4)
    before = {path.name: path.read_bytes() for path in photos.iterdir()}
    with small_disk(tmp_path / "small", "1m") as disk:
        make_read_only(disk)
        monkeypatch.setenv("TOOLKIT_HOME", str(disk / "home"))
        name, *rest = [str(tmp_path / "out") if word == "OUT" else str(word) for word in words]
        done = lib_anew(name, photos, *rest)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "the disk is read-only" in done.stderr
    assert {path.name: path.read_bytes() for path in photos.iterdir()} == before


def test_a_table_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    photos = image_folder(tmp_path / "photos", 4)
    with small_disk(tmp_path / "small", "1m") as disk:
        make_read_only(disk)
        done = lib_anew("cluster", photos, "--k", 2, "--method", "tfidf", "--out", disk / "table.csv")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "table.csv” was not written: the disk is read-only" in done.stderr


def test_a_command_tells_of_pictures_in_a_hidden_folder_of_a_killed_import(tmp_path: Path) -> None:
    photos = image_folder(tmp_path / "photos", 1)
    left = photos / ".~0123456789ab.part"
    image_folder(left / "files", {"mine.jpg": None})
    (left / "lock").touch()
    age(left, 90_000)
    done = lib("filter", photos, "caption")
    assert done.returncode == 0
    assert left.name in done.stderr
    assert (left / "files" / "mine.jpg").exists()


def test_the_history_command_says_from_when_on_undo_is_missing(tmp_path: Path, toolkit_home: Path) -> None:
    photos = image_folder(tmp_path / "photos", 2)
    assert lib("affix", photos, "--suffix", "seen").returncode == 0
    (journal,) = (toolkit_home / "journals").glob("*.sqlite")
    # The log would make it whole again.
    Path(f"{journal}-wal").unlink(missing_ok=True)
    journal.write_bytes(b"no database at all" * 1_000)
    done = lib("history", photos)
    assert done.returncode == 0
    (aside,) = (path for path in journal.parent.glob("*.damaged-*") if not path.name.endswith(("-wal", "-shm")))
    assert "Undo is missing for what was done before" in done.stderr
    assert str(aside) in done.stderr
    assert (photos / "photo0.txt").read_text() == "caption 0, seen"
