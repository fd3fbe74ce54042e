"""Whoever writes holds the file's lock, writes nothing too large, and forgets nothing that has not ended."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from lib.dataset.files import Files, StrPath
from lib.dataset.journal import FileChange, Journal, journal_for
from lib.dataset.locks import locked
from lib.dataset.operations import Edit, Operations
from lib.dataset.sidecar import MAX_BYTES, hash_of
from lib.dataset.store import Store
from lib.domain import ImageRecord, Origin
from lib.errors import InvalidInput, WriteFailed
from lib.settings import Settings
from tests.dataset.test_operations import contents
from tests.doubles.image_folder import image_folder

FRENCH = b"caf\xe9"


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files in /proc")
def test_of_many_journals_only_those_in_use_keep_their_file_open(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.dataset.journal._KEPT_OPEN", 2)
    roots = [image_folder(tmp_path / f"data{number}", 0) for number in range(5)]
    journals = [journal_for(root, settings) for root in roots]
    links = [path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    assert {path for path in links if path.suffix == ".sqlite" and path.parent == settings.journals} == {
        journal.path for journal in journals[-2:]
    }
    assert journals[0].operations() == []


class Asking(Files):
    """Asks for a tag file's lock whenever something new is written beside it, and notes that it could not have it."""

    def __init__(self, locks: Path, target: Path) -> None:
        self._locks, self._target = locks, target
        self.kept_out = 0

    def create(self, path: StrPath, mode: int) -> int:
        with pytest.raises(WriteFailed), locked(self._locks, self._target, wait=0):
            pass
        self.kept_out += 1
        return super().create(path, mode)


@pytest.mark.parametrize("way", ["save", "blank", "convert", "rename", "bulk"])
def test_a_tag_file_is_written_under_its_lock(tmp_path: Path, settings: Settings, way: str) -> None:
    captions = {"a.jpg": "a", "b.jpg": None, "c.jpg": FRENCH, "d.jpg": "d", "d.png": None}
    root = image_folder(tmp_path / "data", captions)
    written = {"save": "a", "blank": "b", "convert": "c", "rename": "e", "bulk": "a"}[way]
    files = Asking(settings.locks, root / f"{written}.txt")
    store = Store(root, Journal(tmp_path / "j.sqlite"), "local", settings, files=files)
    if way == "save":
        store.save(ImageRecord("a.jpg"), "A", hash_of(b"a"))
    elif way == "blank":
        store.create_blank(ImageRecord("b.jpg"))
    elif way == "convert":
        store.convert_to_utf8(ImageRecord("c.jpg"), "cp1252", hash_of(FRENCH))
    elif way == "rename":
        store.rename_image(ImageRecord("d.png"), "e")
    else:
        Operations(store).apply([Edit("a.jpg", hash_of(b"a"), "A")], "replace")
        Operations(store).undo()
    assert files.kept_out == (2 if way == "bulk" else 1)
    assert (root / f"{written}.txt").exists()
    store.journal.close()


def test_a_text_too_long_for_a_caption_is_not_saved(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "a"})
    store = Store(root, Journal(tmp_path / "j.sqlite"), "local", settings)
    with pytest.raises(InvalidInput, match="too long"):
        store.save(ImageRecord("a.jpg"), "x" * (MAX_BYTES + 1), hash_of(b"a"))
    assert contents(root) == {"a.txt": b"a"}
    store.save(ImageRecord("a.jpg"), "x" * MAX_BYTES, hash_of(b"a"))
    assert store.read(ImageRecord("a.jpg")).text == "x" * MAX_BYTES
    store.journal.close()


def test_an_old_operation_that_has_not_ended_is_not_forgotten(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    operations = [
        journal.begin("replace", [FileChange(f"{name}.txt", b"", b"x" * 1_000_000)], "local", Origin())
        for name in "abc"
    ]
    journal.finish(operations[0])
    journal.finish(operations[2])
    with closing(sqlite3.connect(journal.path)) as clock, clock:
        clock.execute("UPDATE operations SET at = '2001-01-01T00:00:00.000+00:00'")
    journal.trim()
    assert journal.prune(30, 1) == 2
    assert [one.operation for one in journal.pending()] == [operations[1]]
    assert journal.file_changes(operations[1])[0].after == b"x" * 1_000_000
    journal.close()
